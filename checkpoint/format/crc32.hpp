// The checksum of zip: CRC-32 (ISO 3309), over memory, on several threads where there is much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cairn::checkpoint::format {

[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);
/// Of two pieces in a row, from theirs.
[[nodiscard]] std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second,
                                          std::uint64_t second_size);
/// One for each piece.
[[nodiscard]] std::vector<std::uint32_t> crc32_each(
    std::span<const std::span<const std::byte>> pieces);

}  // namespace cairn::checkpoint::format
