// Records as the zip of torch.save: every offset is known before the first byte is sent, tensor
// memory is referred to, not copied, and checksums are computed as it is sent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/format/record_content.hpp"
#include "checkpoint/format/sha256.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

/// A record that has its place in the file.
struct PlacedRecord {
  std::string name{};     ///< without the root folder
  std::uint64_t data{0};  ///< where its data begin in the file
  std::uint64_t size{0};
  std::uint32_t crc{0};
  std::vector<std::uint32_t> chunks{};  ///< the CRC-32 of each kSumChunk bytes
  std::optional<Sha256Digest> sha256{};
};

struct Record {
  std::string name{};  ///< without the root folder
  vfs::Body body{};
  /// Instead of a body: makes it from the records before it, once they are summed; its size must
  /// not depend on their sums. It has no part in torch's fingerprint of the archive. Records behind
  /// it are copied.
  std::function<std::string(std::span<const PlacedRecord>)> make{};
};

struct ZipOptions {
  std::string_view root{"archive"};
  std::uint32_t alignment{64};  ///< of each record's data in the file
  bool sha256{false};           ///< computed of each record, for those that are made from them
};

/// The records in their order, then torch's record .data/serialization_id, central directory and
/// end records. Memory that the records borrow must stay as it is until the result is sent.
[[nodiscard]] vfs::Body write_zip(std::vector<Record> records, const ZipOptions& options);

}  // namespace cairn::checkpoint::format
