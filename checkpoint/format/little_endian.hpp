// Integers in files, least significant byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::checkpoint::format {

/// Appends the lowest `width` bytes.
inline void put_integer(std::string& out, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

/// Needs offset + width <= bytes.size() and width <= 8.
[[nodiscard]] inline std::uint64_t get_integer(std::string_view bytes, std::size_t offset,
                                               unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = width; i > 0; --i)
    value = (value << 8U) | static_cast<unsigned char>(bytes[offset + i - 1]);
  return value;
}

}  // namespace cairn::checkpoint::format
