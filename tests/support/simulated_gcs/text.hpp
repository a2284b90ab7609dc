// Texts on the wire: times, hash headers, messages in parts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/simulated/service.hpp"

namespace cairn::test::sim::gcs {

/// "2026-02-12T00:00:00.000Z"
[[nodiscard]] std::string rfc3339(TimePoint time);
/// "20260212T000000Z"; absent: it is none.
[[nodiscard]] std::optional<TimePoint> parse_basic_time(std::string_view text);

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// One part of a multipart body (RFC 2046 section 5.1).
struct BodyPart {
  std::map<std::string, std::string> headers{};  ///< names in lower case
  std::string body{};
};

/// Absent: the type has no boundary, or the body does not keep to it.
[[nodiscard]] std::optional<std::vector<BodyPart>> read_parts(std::string_view content_type,
                                                              std::string_view body);
/// "Name: value" lines up to the empty one, which is taken from the text, too.
[[nodiscard]] std::optional<std::map<std::string, std::string>> take_headers(
    std::string_view& text);

}  // namespace cairn::test::sim::gcs
