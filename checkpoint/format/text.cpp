#include "checkpoint/format/text.hpp"

#include <algorithm>
#include <cstddef>

namespace cairn::checkpoint::format {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// How many bytes the code point that begins with `lead` has; 0 if none does (RFC 3629 section 4).
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// Rules out longer spellings than needed and what lies beyond U+10FFFF.
bool second_byte_fits(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = byte_at(text, i);
    const std::size_t length = length_of(lead);
    if (length == 0 || length > text.size() - i) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte_at(text, i + k) & 0xC0U) != 0x80) return false;
    }
    if (length > 1 && !second_byte_fits(lead, byte_at(text, i + 1))) return false;
    i += length;
  }
  return true;
}

std::string printable(std::string_view text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  while (end < text.size() && end > 0 && (byte_at(text, end) & 0xC0U) == 0x80) --end;
  const bool utf8 = is_utf8(text.substr(0, end));
  std::string shown;
  for (std::size_t i = 0; i < end; ++i) {
    const unsigned char byte = byte_at(text, i);
    const bool control = byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80) ||
                         (byte == 0xC2 && byte_at(text, i + 1) < 0xA0);
    shown.push_back(control ? '?' : text[i]);
    if (control && utf8 && byte == 0xC2) ++i;
  }
  return end < text.size() ? shown + "…" : shown;
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x80) {
      text.push_back(byte);
    } else {
      text.push_back(static_cast<char>(0xC0U | (value >> 6U)));
      text.push_back(static_cast<char>(0x80U | (value & 0x3FU)));
    }
  }
  return text;
}

std::optional<std::string> utf8_to_latin1(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char lead = byte_at(text, i);
    if (lead < 0x80) {
      bytes.push_back(text[i]);
      continue;
    }
    if (lead > 0xC3) return std::nullopt;
    bytes.push_back(static_cast<char>(((lead & 0x03U) << 6U) | (byte_at(text, i + 1) & 0x3FU)));
    ++i;
  }
  return bytes;
}

}  // namespace cairn::checkpoint::format
