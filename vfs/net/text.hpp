// Small pure functions over the texts of HTTP: case, numbers, percent-encoding, dates, redaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::vfs::net {

[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);
[[nodiscard]] std::string lower_case(std::string_view text);  ///< ASCII only
[[nodiscard]] std::string_view trim(std::string_view text);   ///< spaces and tabs at both ends
/// What a header can carry: no control characters, nothing beyond ASCII.
[[nodiscard]] bool is_visible_ascii(std::string_view text);
/// Decimal digits and nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

enum class Slash { encode, keep };
/// RFC 3986: all but A-Za-z0-9-._~ as %XX, upper case.
[[nodiscard]] std::string percent_encode(std::string_view text, Slash slash = Slash::encode);
/// %XX to bytes. A '%' that starts no escape stays.
[[nodiscard]] std::string percent_decode(std::string_view text);
/// %XX to bytes; '+' to a space. A '%' that starts no escape stays.
[[nodiscard]] std::string percent_decode_plus(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7)
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_http_date(
    std::string_view text);
/// "2026-02-12T20:12:48.123Z", or with another zone: "+02:00". What the clock can't count to is the
/// nearest time that it can.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_iso8601(
    std::string_view text);
/// "2026-02-12T20:12:48Z"
[[nodiscard]] std::string format_iso8601(std::chrono::system_clock::time_point time);
/// "20260212T201248Z"
[[nodiscard]] std::string format_basic_iso8601(std::chrono::system_clock::time_point time);

/// "Thu, 12 Feb 2026 20:12:48 GMT"
[[nodiscard]] std::string format_http_date(std::chrono::system_clock::time_point time);

/// Of a URL, without its port; an IPv6 address keeps its brackets.
[[nodiscard]] std::string_view host_of(std::string_view url);
/// "scheme://host:port" of a URL.
[[nodiscard]] std::string_view origin_of(std::string_view url);
/// Hosts that never leave this machine: localhost, *.localhost, 127.0.0.0/8, [::1].
[[nodiscard]] bool is_loopback(std::string_view host);

/// The URL without user information and without the values of query parameters that hold secrets.
[[nodiscard]] std::string redact_url(std::string_view url);

/// The start of "bytes 5-9/42" and the whole size, which may be unknown ("*").
struct ContentRange {
  std::optional<std::uint64_t> first{};  ///< absent in "bytes */42"
  std::uint64_t last{0};
  std::optional<std::uint64_t> size{};
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace cairn::vfs::net
