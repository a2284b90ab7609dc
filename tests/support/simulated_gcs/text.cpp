#include "tests/support/simulated_gcs/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace cairn::test::sim::gcs {

std::string rfc3339(TimePoint time) {
  const auto since = time.time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> day{};
  const std::size_t size = std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + millis).substr(1);
  return std::string(day.data(), size) + "." + fraction + "Z";
}

std::optional<TimePoint> parse_basic_time(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (copy.size() != 16 || end == nullptr || *end != '\0') return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::map<std::string, std::string>> take_headers(std::string_view& text) {
  std::map<std::string, std::string> headers;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == text.npos) return {};
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) return headers;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return {};
    headers.emplace(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
}

std::optional<std::vector<BodyPart>> read_parts(std::string_view content_type,
                                                std::string_view body) {
  constexpr std::string_view kBoundary = "boundary=";
  const std::size_t at = content_type.find(kBoundary);
  if (at == content_type.npos) return {};
  std::string_view boundary = trim(content_type.substr(at + kBoundary.size()));
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  if (boundary.empty() || boundary.size() > 70) return {};  // RFC 2046: 1 to 70 characters

  const std::string line = "--" + std::string(boundary);
  if (!body.starts_with(line)) return {};
  body.remove_prefix(line.size());
  std::vector<BodyPart> parts;
  while (body.starts_with("\r\n")) {
    body.remove_prefix(2);
    auto headers = take_headers(body);
    const std::size_t end = body.find("\r\n" + line);
    if (!headers || end == body.npos) return {};
    parts.push_back({.headers = *std::move(headers), .body = std::string(body.substr(0, end))});
    body.remove_prefix(end + 2 + line.size());
  }
  if (!body.starts_with("--")) return {};
  return parts;
}

}  // namespace cairn::test::sim::gcs
