// The small grammars of the storage services' headers and parameters.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::test::sim::azure {

using TimePoint = std::chrono::system_clock::time_point;

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
/// The words of a list that spaces separate.
[[nodiscard]] bool has_word(std::string_view words, std::string_view word);
[[nodiscard]] std::optional<std::uint64_t> read_number(std::string_view digits);
/// "Thu, 12 Feb 2026 00:00:00 GMT"
[[nodiscard]] std::optional<TimePoint> read_http_date(const std::string& text);
/// "2026-02-12", "2026-02-12T00:00Z", "2026-02-12T00:00:00Z" and with a fraction of 7 digits.
[[nodiscard]] std::optional<TimePoint> read_iso_date(const std::string& text);
/// CRC64 as these services write it: base64 of the value's bytes, the least significant one first.
[[nodiscard]] std::string crc64(std::string_view bytes);
[[nodiscard]] bool is_identifier(std::string_view name);  ///< the C# rule for metadata names

}  // namespace cairn::test::sim::azure
