#include "tests/bench/sink/http.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace cairn::bench {
namespace {

bool same_name(std::string_view line, std::string_view lower) {
  return std::ranges::equal(line.substr(0, lower.size()), lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view Request::header(std::string_view name) const {
  const std::string_view head = head_;
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at + 2);
    line = line.substr(0, line.find('\r'));
    if (!same_name(line, name)) continue;
    line.remove_prefix(name.size());
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  return {};
}

std::uint64_t Request::parameter(std::string_view name, std::uint64_t fallback) const {
  const std::size_t at = target.find(name);
  return at == target.npos ? fallback : number(target.substr(at + name.size()));
}

Request::Request(std::string head) : head_(std::move(head)) {
  const std::string_view text = head_;
  const std::size_t space = text.find(' ');
  if (space == text.npos) return;
  method = text.substr(0, space);
  const std::string_view rest = text.substr(space + 1);
  target = rest.substr(0, rest.find(' '));
  constexpr std::string_view kUnit = "bytes=";
  std::string_view asked = header("range:");
  if (asked.empty()) asked = header("x-ms-range:");
  if (asked.starts_with(kUnit)) range = asked.substr(kUnit.size());
  length = number(header("content-length:"));
  chunked = header("transfer-encoding:") == "chunked";
  waits = !header("expect:").empty();
}

}  // namespace cairn::bench
