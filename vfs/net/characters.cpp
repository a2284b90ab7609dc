#include "vfs/net/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace cairn::vfs::net {
namespace {

/// "233" or "xE9", of a character.
std::optional<char32_t> numeric_entity(std::string_view body) {
  const bool hex = body.starts_with('x') || body.starts_with('X');
  if (hex) body.remove_prefix(1);
  std::uint32_t point = 0;
  const char* end = body.data() + body.size();
  const auto [stop, failure] = std::from_chars(body.data(), end, point, hex ? 16 : 10);
  const bool surrogate = point >= 0xD800 && point < 0xE000;
  if (failure != std::errc() || stop != end || point == 0 || point > 0x10FFFF || surrogate) {
    return {};
  }
  return point;
}

}  // namespace

void append_utf8(std::string& text, char32_t point) {
  const auto tail = [point](unsigned shift) {
    return static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += {static_cast<char>(0xC0U | (point >> 6U)), tail(0)};
  } else if (point < 0x10000) {
    text += {static_cast<char>(0xE0U | (point >> 12U)), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xF0U | (point >> 18U)), tail(12), tail(6), tail(0)};
  }
}

std::string decode_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  std::string out;
  while (!text.empty()) {
    const std::size_t start = std::min(text.find('&'), text.size());
    out += text.substr(0, start);
    text.remove_prefix(start);
    if (text.empty()) break;
    const std::size_t end = text.substr(0, 12).find(';');
    const std::string_view body =
        end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    const auto named = std::ranges::find(kNamed, body, [](const auto& row) { return row.first; });
    const auto point = body.starts_with('#') ? numeric_entity(body.substr(1)) : std::nullopt;
    const bool known = named != kNamed.end() || point;
    if (named != kNamed.end()) {
      out += named->second;
    } else if (point) {
      append_utf8(out, *point);
    } else {
      out += '&';
    }
    text.remove_prefix(known ? end + 1 : 1);
  }
  return out;
}

}  // namespace cairn::vfs::net
