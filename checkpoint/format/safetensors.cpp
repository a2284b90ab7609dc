#include "checkpoint/format/safetensors.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "checkpoint/format/allocate.hpp"
#include "checkpoint/format/file.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/safetensors_body.hpp"
#include "checkpoint/format/safetensors_header.hpp"
#include "checkpoint/format/view.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

// Long enough for the header of most models, so that it comes with its length in one read.
constexpr std::size_t kHead = std::size_t{256} << 10U;

// From the first bytes, which are at least the length if the file has it.
std::uint64_t header_size(std::string_view head, std::uint64_t file_size) {
  if (head.size() < kSafetensorsLength)
    throw Error(ErrorCode::corrupt, "shorter than a safetensors file can be");
  const std::uint64_t size = get_integer(head, 0, kSafetensorsLength);
  if (head.size() > kSafetensorsLength && head[kSafetensorsLength] != '{') {
    throw Error(ErrorCode::unsupported,
                head.starts_with(zip::kLocalHeader)
                    ? "a zip (of torch.save, perhaps), not a safetensors file"
                    : "not a safetensors file: no '{' at its byte 8");
  }
  if (size > file_size - kSafetensorsLength) {
    throw Error(ErrorCode::corrupt, "the header of " + std::to_string(size) +
                                        " bytes goes beyond the end: the file is truncated, or no "
                                        "safetensors file");
  }
  if (size > kMaxSafetensorsHeader) {
    throw Error(ErrorCode::limit,
                "the header has " + std::to_string(size) + " bytes (at most 100000000 are read)");
  }
  return size;
}

// The length and the header.
std::string read_header(const vfs::FileSystem& files, const vfs::Path& path, const FileHead& file) {
  std::string head(file.bytes.text());
  head.resize(static_cast<std::size_t>(kSafetensorsLength + header_size(head, file.size)));
  if (head.size() > file.bytes.size()) {
    const vfs::RangeRead rest{
        .offset = file.bytes.size(),
        .into = std::as_writable_bytes(std::span<char>(head)).subspan(file.bytes.size())};
    files.read_ranges(path, {&rest, 1}, file.read);
  }
  return head;
}

StoredTensor without_data(const SafetensorsEntry& entry) {
  auto storage = std::make_shared<Storage>();
  storage->dtype = entry.dtype;
  storage->nbytes = entry.end - entry.begin;
  return {.storage = std::move(storage),
          .dtype = entry.dtype,
          .sizes = entry.sizes,
          .strides = contiguous_strides(entry.sizes)};
}

}  // namespace

SafetensorsFile::SafetensorsFile(const vfs::FileSystem& files, const vfs::Path& path,
                                 const SafetensorsLoadOptions& options)
    : files_(files), path_(path), options_(options) {
  const FileHead file = read_head(files, path, options.read, kHead);
  options_.read = file.read;
  naming("load", files.url(path), [&] {
    const std::string head = read_header(files, path, file);
    SafetensorsHeader header = parse_safetensors_header(
        std::string_view(head).substr(kSafetensorsLength), file.size - head.size());
    header_.metadata = std::move(header.metadata);
    for (const SafetensorsEntry& entry : header.entries) {
      header_.tensors[entry.name] = without_data(entry);
      begins_.emplace(entry.name, head.size() + entry.begin);
    }
  });
}

Dict SafetensorsFile::load(std::span<const std::string> names) const {
  return naming("load", files_.url(path_), [&] {
    Dict tensors;
    std::vector<vfs::RangeRead> reads;
    for (const std::string& name : names) {
      StoredTensor tensor = header_.tensors.at(name).as_tensor();
      auto storage = std::make_shared<Storage>(*tensor.storage);
      allocate(*storage, options_.allocate);
      if (storage->nbytes > 0) {
        reads.push_back({.offset = begins_.at(name),
                         .into = {storage->data, static_cast<std::size_t>(storage->nbytes)}});
      }
      tensor.storage = std::move(storage);
      tensors[name] = std::move(tensor);
    }
    if (!reads.empty()) files_.read_ranges(path_, reads, options_.read);
    return tensors;
  });
}

Safetensors load_safetensors(const vfs::FileSystem& files, const vfs::Path& path,
                             const SafetensorsLoadOptions& options) {
  const SafetensorsFile file(files, path, options);
  std::vector<std::string> names;
  names.reserve(file.header().tensors.size());
  for (const auto& [name, tensor] : file.header().tensors.items())
    names.push_back(name.as_string());
  return {.tensors = file.load(names), .metadata = file.header().metadata};
}

vfs::WriteResult save_safetensors(const vfs::FileSystem& files, const vfs::Path& path,
                                  const Safetensors& content,
                                  const SafetensorsSaveOptions& options) {
  const vfs::Body body =
      naming("save", files.url(path), [&] { return write_safetensors(content, options); });
  return files.write(path, body, options.write);
}

}  // namespace cairn::checkpoint::format
