// A file of known size, read in ranges. Its head, where the tree stands, and its tail, where a
// zip's directory stands, are read once and kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "vfs/bytes.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint::format {

class Source {
 public:
  /// Fills the ranges, all of which lie in the file, and tells their CRC-32 where it is asked for.
  using Fetch = std::function<void(std::span<const vfs::RangeRead>)>;
  /// `head`: the first bytes, where they are known.
  Source(std::uint64_t size, Fetch fetch, vfs::Buffer head = {});
  /// One request; all later ones are of the version that it met. Throws vfs::Error.
  [[nodiscard]] static Source open(const vfs::FileSystem& files, const vfs::Path& path,
                                   const vfs::ReadOptions& options);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// The file as memory, anew with each call: what is written into one mapping is not seen in
  /// another. Absent where the store can't. Throws vfs::Error.
  [[nodiscard]] std::optional<vfs::MappedFile> map() const;
  /// Ranges must lie in the file. What is in the tail is copied from there, the rest is fetched in
  /// one call.
  void read(std::span<const vfs::RangeRead> ranges);
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t length);

 private:
  void load_tail();
  /// Copies what is kept; false if the range, or a part of it, is not.
  [[nodiscard]] bool read_kept(const vfs::RangeRead& range) const;

  std::uint64_t size_;
  Fetch fetch_;
  std::function<vfs::MappedFile()> map_{};
  std::uint64_t tail_offset_;
  vfs::Buffer head_;
  vfs::Buffer tail_;
};

}  // namespace cairn::checkpoint::format
