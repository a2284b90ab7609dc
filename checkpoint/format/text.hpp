// Text in pickles: UTF-8, with lone surrogates as Python's "surrogatepass" writes them; bytes
// travel as Latin-1 text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::checkpoint::format {

[[nodiscard]] bool is_utf8(std::string_view text);
/// For messages, since names come from files: control characters, and bytes that are no UTF-8, are
/// shown as '?', and what is beyond `most` bytes as "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t most);
/// Each byte as the code point of its value.
[[nodiscard]] std::string latin1_to_utf8(std::string_view bytes);
/// Absent if a code point is above 255. Needs is_utf8(text).
[[nodiscard]] std::optional<std::string> utf8_to_latin1(std::string_view text);

}  // namespace cairn::checkpoint::format
