#include "tests/unit/checkpoint/format/support.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "checkpoint/format/archive_reader.hpp"
#include "checkpoint/format/archive_writer.hpp"
#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/zip_writer.hpp"

namespace cairn::checkpoint::format {
std::string flatten(const vfs::Body& body) {
  std::string file(static_cast<std::size_t>(body.size()), '\0');
  const vfs::Body loaded = body.load();
  vfs::BodyReader(loaded).read(std::as_writable_bytes(std::span<char>(file)));
  return file;
}

std::string golden_file(const std::string& name) {
  const char* folder = std::getenv("CAIRN_GOLDEN");
  if (folder == nullptr)
    throw std::runtime_error("CAIRN_GOLDEN is not set: run this through meson test");
  std::ifstream file(std::string(folder) + "/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no golden file " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string golden(std::string_view name) {
  return golden_file(std::string(name) + ".pt");
}

Source source_of(const std::string& file) {
  return Source(file.size(), [&file](std::span<const vfs::RangeRead> ranges) {
    for (const vfs::RangeRead& range : ranges) {
      // A range outside the file would be a bug of the reader's, never an answer.
      if (range.offset > file.size() || range.into.size() > file.size() - range.offset)
        std::abort();
      if (!range.into.empty())
        std::memcpy(range.into.data(), file.data() + range.offset, range.into.size());
      if (range.crc32 != nullptr) *range.crc32 = crc32(range.into);
    }
  });
}

Value read_bytes(const std::string& file, const LoadOptions& options) {
  Source source = source_of(file);
  return read_archive(source, options);
}

std::string write_bytes(const Value& root, const SaveOptions& options) {
  return flatten(write_archive(root, options));
}

std::string make_zip(const std::vector<NamedRecord>& records, std::string_view root) {
  std::vector<Record> list;
  for (const NamedRecord& record : records)
    list.push_back({.name = record.name, .body = record.content});
  return flatten(write_zip(std::move(list), {.root = root}));
}

std::string around(const std::string& pickle) {
  return make_zip({{"data.pkl", pickle},
                   {"byteorder", "little"},
                   {"data/0", std::string(16, '\1')},
                   {"version", "3\n"}});
}

std::string refusal(const std::string& file, const LoadOptions& options) {
  try {
    static_cast<void>(read_bytes(file, options));
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return {};
}

StoredTensor make_tensor(std::vector<float> elements, std::vector<std::int64_t> sizes) {
  auto memory = std::make_shared<std::vector<float>>(std::move(elements));
  auto storage = std::make_shared<Storage>();
  storage->nbytes = memory->size() * sizeof(float);
  storage->data = reinterpret_cast<std::byte*>(memory->data());
  storage->owner = memory;
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t d = sizes.size(); d-- > 1;) strides[d - 1] = strides[d] * sizes[d];
  return {.storage = std::move(storage), .sizes = std::move(sizes), .strides = std::move(strides)};
}

}  // namespace cairn::checkpoint::format
