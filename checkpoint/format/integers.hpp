// Python's integers of any size: little-endian two's complement, in as few bytes as possible
// (pickle's LONG1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::checkpoint {

/// Empty for 0, as pickle has it.
[[nodiscard]] std::string encode_integer(std::int64_t value);
/// Without the bytes that only repeat the sign.
[[nodiscard]] std::string_view minimal_integer(std::string_view bytes);
/// Absent beyond 64 bits.
[[nodiscard]] std::optional<std::int64_t> decode_integer(std::string_view bytes);
/// Of a double that is a whole number, exact. Needs std::isfinite and no fraction.
[[nodiscard]] std::string encode_whole(double value);

}  // namespace cairn::checkpoint
