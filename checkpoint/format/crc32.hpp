// The checksum of zip: CRC-32 (ISO 3309), over memory, on several threads where there is much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);
[[nodiscard]] std::uint32_t crc32(const vfs::Body& body);  ///< in memory
/// Of two pieces in a row, from theirs.
[[nodiscard]] std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second,
                                          std::uint64_t second_size);
/// One for each piece.
[[nodiscard]] std::vector<std::uint32_t> crc32_each(
    std::span<const std::span<const std::byte>> pieces);

/// One for every `chunk` bytes.
[[nodiscard]] std::vector<std::uint32_t> crc32_chunks(std::span<const std::byte> bytes,
                                                      std::uint64_t chunk);
/// Of a whole of `size` bytes from those of its chunks.
[[nodiscard]] std::uint32_t crc32_joined(std::span<const std::uint32_t> sums, std::uint64_t chunk,
                                         std::uint64_t size);

}  // namespace cairn::checkpoint::format
