// The record .ckpt/index: where the records are, and checksums of their pieces, so that a part of a
// tensor can be verified. Python ignores it; it is never the only truth (FORMAT.md, section 6).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/format/zip_directory.hpp"
#include "checkpoint/format/zip_writer.hpp"

namespace cairn::checkpoint::format {

inline constexpr std::string_view kIndexName = ".ckpt/index";

/// Checksums of the pieces of records, `chunk` bytes each.
struct Index {
  std::uint64_t chunk{0};
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> sums{};  ///< by the record's name
  std::map<std::string, Sha256Digest, std::less<>> sha256{};              ///< of whole records

  /// nullptr if it has none of that record.
  [[nodiscard]] const Sha256Digest* digest_of(std::string_view name) const;
};

[[nodiscard]] std::string encode_index(std::span<const PlacedRecord> records);
/// Absent if it was written by a newer version that says so. Throws Error(corrupt) if it is no
/// index, or says something else of a record than the directory does.
[[nodiscard]] std::optional<Index> parse_index(std::string_view text,
                                               const ZipDirectory& directory);

}  // namespace cairn::checkpoint::format
