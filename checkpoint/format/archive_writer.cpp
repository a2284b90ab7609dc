#include "checkpoint/format/archive_writer.hpp"

#include <bit>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/format/compact.hpp"
#include "checkpoint/format/encoder.hpp"
#include "checkpoint/format/index.hpp"
#include "checkpoint/format/storage_bytes.hpp"
#include "checkpoint/format/zip_writer.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint32_t kMaxAlignment = 4096;
static_assert(std::endian::native == std::endian::little,
              "tensor memory goes to the file as it is");

Record text_record(std::string name, std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  Record record{.name = std::move(name)};
  record.body.append(vfs::as_bytes(*owner), owner);
  return record;
}

Record storage_record(std::size_t key, const std::shared_ptr<const Storage>& storage) {
  return {.name = "data/" + std::to_string(key), .body = body_of(storage)};
}

}  // namespace

// The order of torch/serialization.py, _save.
vfs::Body write_archive(const Value& root, const SaveOptions& options) {
  const std::uint32_t alignment = options.alignment;
  if (!std::has_single_bit(alignment) || alignment > kMaxAlignment) {
    throw Error(ErrorCode::type,
                "alignment " + std::to_string(alignment) + " is not a power of two up to 4096");
  }
  const bool sha256 = options.digest == Digest::sha256;
  if (sha256 && !options.index)
    throw Error(ErrorCode::type, "SHA-256 digests stand in the index, which is switched off");
  Pickle pickle = encode(root, options.allow_opaque);
  // Only now is it known to be a tree without circles.
  if (options.compact_views || options.on_warning)
    pickle = encode(compacted(root, options), options.allow_opaque);
  std::vector<Record> records;
  records.reserve(pickle.storages.size() + 7);
  records.push_back(text_record("data.pkl", std::move(pickle.bytes)));
  records.push_back(text_record(".format_version", "1"));
  records.push_back(text_record(".storage_alignment", std::to_string(alignment)));
  records.push_back(text_record("byteorder", "little"));
  for (std::size_t key = 0; key < pickle.storages.size(); ++key) {
    records.push_back(storage_record(key, pickle.storages[key]));
  }
  if (options.index) records.push_back({.name = std::string(kIndexName), .make = &encode_index});
  records.push_back(text_record("version", "3\n"));
  return write_zip(std::move(records), {.alignment = alignment, .sha256 = sha256});
}

}  // namespace cairn::checkpoint::format
