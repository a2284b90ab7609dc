#include "vfs/net/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace cairn::vfs::net {
namespace {

using std::chrono::system_clock;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// The decimal number at [position, position + length), or -1.
int digits(std::string_view text, std::size_t position, std::size_t length) {
  if (position + length > text.size()) return -1;
  const auto number = parse_number(text.substr(position, length));
  return number ? static_cast<int>(*number) : -1;
}

std::optional<std::chrono::sys_seconds> make_time(int year, int month, int day, int hour,
                                                  int minute, int second) {
  namespace chrono = std::chrono;
  if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return {};
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  return chrono::sys_days{date} + chrono::hours{hour} + chrono::minutes{minute} +
         chrono::seconds{second};
}

/// What lies beyond 1970 and the clock's last second becomes the end on that side, so that times
/// from outside can be compared and subtracted.
system_clock::time_point saturate(std::chrono::sys_seconds time,
                                  std::chrono::nanoseconds fraction = {}) {
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(system_clock::time_point::max());
  if (time >= kLast) return system_clock::time_point::max();
  if (time < std::chrono::sys_seconds{}) return {};
  return system_clock::time_point{time} +
         std::chrono::duration_cast<system_clock::duration>(fraction);
}

/// "123" of ".123", cut after nine digits.
std::optional<std::chrono::nanoseconds> parse_fraction(std::string_view text) {
  text = text.substr(0, 9);
  const auto value = parse_number(text);
  if (!value) return {};
  auto nanoseconds = static_cast<std::int64_t>(*value);
  for (std::size_t i = text.size(); i < 9; ++i) nanoseconds *= 10;
  return std::chrono::nanoseconds{nanoseconds};
}

/// How far a zone is ahead of UTC: "Z", "UTC", "+02:00", "-0430".
std::optional<std::chrono::minutes> parse_zone(std::string_view text) {
  if (text == "Z" || text == "UTC") return std::chrono::minutes{0};
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return {};
  const std::size_t position = text[3] == ':' ? 4 : 3;
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, position, 2);
  if (text.size() != position + 2 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return {};
  }
  const std::chrono::minutes ahead{hours * 60 + minutes};
  return text[0] == '-' ? -ahead : ahead;
}

bool is_secret_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 18> kSecret{"access_token",     "api_key",
                                                     "apikey",           "auth",
                                                     "awsaccesskeyid",   "key",
                                                     "password",         "policy",
                                                     "secret",           "sig",
                                                     "signature",        "token",
                                                     "upload_id",        "x-amz-credential",
                                                     "x-amz-signature",  "x-amz-security-token",
                                                     "x-goog-signature", "x-goog-credential"};
  return std::ranges::any_of(
      kSecret, [name](std::string_view secret) { return equal_ignoring_case(name, secret); });
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::string percent_encode(std::string_view text, Slash slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size() + 16);
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::keep)) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return result;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    result += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return result;
}

std::string percent_decode_plus(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

std::optional<system_clock::time_point> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(25) != " GMT") return {};
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return {};
  const auto time =
      make_time(digits(text, 12, 4), static_cast<int>(month / 3) + 1, digits(text, 5, 2),
                digits(text, 17, 2), digits(text, 20, 2), digits(text, 23, 2));
  if (!time) return {};
  return saturate(*time);
}

std::optional<system_clock::time_point> parse_iso8601(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T') return {};
  const auto time = make_time(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2),
                              digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2));
  std::string_view rest = text.substr(19);
  std::optional<std::chrono::nanoseconds> fraction{0};
  if (rest.front() == '.') {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    fraction = parse_fraction(rest.substr(1, end - 1));
    rest.remove_prefix(end);
  }
  const auto ahead = parse_zone(rest);
  if (!time || !fraction || !ahead) return {};
  return saturate(*time - *ahead, *fraction);
}

std::string format_iso8601(system_clock::time_point time) {
  std::string text = format_basic_iso8601(time);  // 20260212T201248Z
  for (const std::size_t colon : {13U, 11U}) text.insert(colon, ":");
  for (const std::size_t dash : {6U, 4U}) text.insert(dash, "-");
  return text;
}

std::string format_basic_iso8601(system_clock::time_point time) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{chrono::floor<chrono::seconds>(time - day)};
  std::string text;
  const auto append = [&text](std::int64_t value, std::size_t width) {
    const std::string number = std::to_string(value);
    text.append(width - std::min(width, number.size()), '0').append(number);
  };
  append(static_cast<int>(date.year()), 4);
  append(static_cast<unsigned>(date.month()), 2);
  append(static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append(clock.hours().count(), 2);
  append(clock.minutes().count(), 2);
  append(clock.seconds().count(), 2);
  return text += 'Z';
}

std::string format_http_date(system_clock::time_point time) {
  namespace chrono = std::chrono;
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{chrono::floor<chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

std::string_view host_of(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  std::string_view host = url.substr(start, url.find_first_of("/?#", start) - start);
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos;
  return has_port ? host.substr(0, colon) : host;
}

bool is_loopback(std::string_view host) {
  if (host == "[::1]" || host == "localhost" || host.ends_with(".localhost")) return true;
  int octets = 0;
  for (std::string_view rest = host;; ++octets) {
    const std::size_t dot = rest.find('.');
    const auto number = parse_number(rest.substr(0, dot));
    if (!number || *number > 255 || (octets == 0 && *number != 127)) return false;
    if (dot == std::string_view::npos) return octets == 3;
    rest.remove_prefix(dot + 1);
  }
}

std::string redact_url(std::string_view url) {
  std::string result;
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
  const std::size_t at = url.substr(authority, path - authority).rfind('@');
  result.append(url.substr(0, authority));
  if (at != std::string_view::npos) result += "***@";
  const std::size_t host = at == std::string_view::npos ? authority : authority + at + 1;
  const std::size_t query = std::min(url.find('?', path), url.size());
  result.append(url.substr(host, query - host));
  for (std::size_t start = query; start < url.size();) {
    const std::size_t end = std::min(url.find('&', start + 1), url.size());
    const std::string_view parameter = url.substr(start + 1, end - start - 1);
    const std::size_t equals = parameter.find('=');
    result += url[start];
    if (equals != std::string_view::npos && is_secret_parameter(parameter.substr(0, equals))) {
      result.append(parameter.substr(0, equals + 1)).append("***");
    } else {
      result.append(parameter);
    }
    start = end;
  }
  return result;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return {};
  text.remove_prefix(6);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  ContentRange result;
  if (text.substr(slash + 1) != "*") {
    result.size = parse_number(text.substr(slash + 1));
    if (!result.size) return {};
  }
  const std::string_view range = text.substr(0, slash);
  if (range == "*") return result;
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  result.first = parse_number(range.substr(0, dash));
  const auto last = parse_number(range.substr(dash + 1));
  if (!result.first || !last || *last < *result.first || (result.size && *last >= *result.size)) {
    return {};
  }
  result.last = *last;
  return result;
}

}  // namespace cairn::vfs::net
