// Characters by their number: UTF-8, and the entities of XML and HTML. Pure.
#pragma once

#include <string>
#include <string_view>

namespace cairn::vfs::net {

/// A code point that is no surrogate, at most U+10FFFF.
void append_utf8(std::string& text, char32_t point);

/// With the five named entities of XML, and those of numbers, as the characters that they stand
/// for. Others stay as they are.
[[nodiscard]] std::string decode_entities(std::string_view text);

}  // namespace cairn::vfs::net
