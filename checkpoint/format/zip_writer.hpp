// Records as the zip of torch.save: every offset is known before the first byte is sent, tensor
// memory is referred to, not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

inline constexpr std::uint64_t kSumChunk = std::uint64_t{1} << 20U;

struct Record {
  std::string name{};  ///< without the root folder
  std::span<const std::byte> bytes{};
  std::shared_ptr<const void>
      owner{};  ///< of the bytes; empty: the caller keeps them until the body is sent
  /// Instead of bytes: makes them from the records before it. It has no part in torch's fingerprint
  /// of the archive.
  std::function<std::string(std::span<const PlacedRecord>)> make{};
};

struct ZipOptions {
  std::string_view root{"archive"};
  std::uint32_t alignment{64};  ///< of each record's data in the file
  bool sha256{false};           ///< computed of each record, for those that are made from them
};

/// The records in their order, then torch's record .data/serialization_id, central directory and
/// end records.
[[nodiscard]] vfs::Body write_zip(std::vector<Record> records, const ZipOptions& options);

}  // namespace cairn::checkpoint::format
