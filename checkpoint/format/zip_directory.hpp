// The directory of a zip, read strictly: what two readers could understand differently is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/keyed_hash.hpp"
#include "checkpoint/format/source.hpp"

namespace cairn::checkpoint::format {

struct ZipEntry {
  std::string name{};       ///< without the root folder
  std::uint64_t offset{0};  ///< of the local header
  std::uint64_t data{0};    ///< of the data
  std::uint64_t size{0};
  std::uint64_t end{0};  ///< where the next entry or the directory begins
  std::uint32_t crc{0};
  std::uint16_t flags{0};
  std::uint64_t packed{0};  ///< bytes in the file: the size, unless it is compressed
  bool stored{true};        ///< not compressed; others are only the code of TorchScript, which nobody reads
};

class ZipDirectory {
 public:
  ZipDirectory(std::string root, std::vector<ZipEntry> entries);
  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] const std::vector<ZipEntry>& entries() const noexcept {
    return entries_;
  }  ///< in the order of the file
  [[nodiscard]] const ZipEntry* find(std::string_view name) const;

 private:
  std::string root_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, std::size_t, KeyedHash> by_name_;
};

/// Entries tile the file from its first byte to the directory, have unique names in one folder, and
/// are stored, not compressed. Throws Error. The local headers are checked when their records are
/// read.
[[nodiscard]] ZipDirectory read_directory(Source& source, const Limits& limits);

}  // namespace cairn::checkpoint::format
