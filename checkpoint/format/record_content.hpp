// The bytes of a record on their way to a file, and their checksums.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

inline constexpr std::uint64_t kSumChunk = std::uint64_t{1} << 20U;

/// Each chunk of kSumChunk bytes is summed once: by who is given its first byte, or by who asks for
/// the sums before. Thread-safe.
class RecordContent {
 public:
  explicit RecordContent(vfs::Body body);

  [[nodiscard]] std::uint64_t size() const noexcept { return body_.size(); }
  /// The bytes [begin, end) in memory. Sums the chunks that begin there.
  [[nodiscard]] vfs::Body give(std::uint64_t begin, std::uint64_t end) const;
  /// The CRC-32 of every chunk. Computes those that are not there, waits for those under way.
  [[nodiscard]] std::vector<std::uint32_t> chunks() const;
  [[nodiscard]] std::size_t chunk_count() const noexcept;

 private:
  bool claim(std::size_t chunk) const;
  void give_up(std::size_t chunk) const;
  void sum(std::size_t chunk, const vfs::Body& bytes) const;
  [[nodiscard]] std::uint32_t sum_of(std::size_t chunk) const;
  [[nodiscard]] std::uint64_t end_of(std::size_t chunk) const noexcept;

  vfs::Body body_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> sums_;
};

}  // namespace cairn::checkpoint::format
