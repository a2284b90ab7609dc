#include "tests/support/simulated_azure/text.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::azure {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The format of strptime must take the whole text.
std::optional<TimePoint> read_time(const std::string& text, const char* format) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), format, &parts);
  if (end == nullptr || *end != '\0') return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

bool has_word(std::string_view words, std::string_view word) {
  const auto list = split(words, ' ');
  return std::ranges::find(list, word) != list.end();
}

std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (digits.empty() || result.ec != std::errc{} || result.ptr != end) return {};
  return value;
}

std::optional<TimePoint> read_http_date(const std::string& text) {
  return read_time(text, "%a, %d %b %Y %H:%M:%S GMT");
}

std::optional<TimePoint> read_iso_date(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"}) {
    if (auto time = read_time(text, format)) return time;
  }
  const std::size_t dot = text.find('.');
  if (dot == text.npos || text.back() != 'Z') return {};
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end() - 1, is_digit)) {
    return {};
  }
  return read_time(text.substr(0, dot) + "Z", "%Y-%m-%dT%H:%M:%SZ");
}

std::string crc64(std::string_view bytes) {
  std::string raw = crc("crc64nvme", bytes);
  std::ranges::reverse(raw);
  return base64(raw);
}

bool is_identifier(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace cairn::test::sim::azure
