#include "vfs/net/json_reader.hpp"

#include "vfs/net/characters.hpp"
#include "vfs/net/xml_scan.hpp"

namespace cairn::vfs::net {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Stands for itself in a string.
bool is_plain(char c) {
  return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

/// Once over all of it: UTF-8, and no control characters but blanks, so that within strings only
/// those are to be looked for.
JsonReader::JsonReader(std::string_view text) : text_(text) {
  failed_ = text.size() > kMaxJsonSize || !is_xml_text(text);
}

/// The next character that is no blank; 0: the end, or something was wrong.
char JsonReader::peek() {
  if (failed_) return 0;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonReader::take(char c) {
  const bool found = peek() == c;
  if (found) ++at_;
  return found;
}

void JsonReader::enter(char bracket) {
  if (!pending_ || !take(bracket) || ++depth_ > kMaxJsonDepth) return fail();
  fresh_ = true;
  pending_ = false;
}

void JsonReader::enter_object() {
  enter('{');
}

void JsonReader::enter_array() {
  enter('[');
}

/// Past the comma before the next one; false: what was entered last has ended.
bool JsonReader::next(char bracket) {
  if (pending_) skip();
  if (take(bracket)) {
    --depth_;
    fresh_ = false;
    return false;
  }
  if (!fresh_ && !take(',')) fail();
  fresh_ = false;
  return !failed_;
}

std::optional<std::string_view> JsonReader::next_member() {
  if (!next('}')) return {};
  const std::string_view name = string(name_);
  if (!take(':')) fail();
  if (failed_) return {};
  pending_ = true;
  return name;
}

bool JsonReader::next_element() {
  if (!next(']')) return false;
  pending_ = true;
  return true;
}

std::string_view JsonReader::text() {
  if (!pending_) fail();
  pending_ = false;
  return string(value_);
}

bool JsonReader::finish() {
  return peek() == 0 && !failed_ && at_ == text_.size() && depth_ == 0 && !pending_;
}

/// Most have no escapes and are seen where they lie.
std::string_view JsonReader::string(std::string& decoded) {
  if (!take('"')) fail();
  const std::size_t begin = at_;
  decoded.clear();
  for (std::size_t plain = begin; !failed_; plain = at_) {
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    const std::string_view rest = text_.substr(plain, at_ - plain);
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      return plain == begin ? rest : decoded.append(rest);
    }
    decoded.append(rest);
    if (at_ == text_.size() || text_[at_] != '\\' || !escape(decoded)) fail();
  }
  return {};
}

/// At a backslash. A surrogate alone is no character.
bool JsonReader::escape(std::string& decoded) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (text_.size() - at_ < 2) return false;
  const char letter = text_[at_ + 1];
  at_ += 2;
  if (const std::size_t known = kLetters.find(letter); known != kLetters.npos) {
    decoded += kMeanings[known];
    return true;
  }
  if (letter != 'u') return false;
  auto code = hex4();
  if (code && *code >= 0xD800 && *code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    const auto low = hex4();
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
    code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
  }
  if (!code || (*code >= 0xD800 && *code <= 0xDFFF)) return false;
  append_utf8(decoded, *code);
  return true;
}

std::optional<char32_t> JsonReader::hex4() {
  if (text_.size() - at_ < 4) return {};
  char32_t code = 0;
  for (const char c : text_.substr(at_, 4)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t digit = kDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    if (digit == kDigits.npos) return {};
    code = code << 4U | static_cast<char32_t>(digit);
  }
  at_ += 4;
  return code;
}

/// The value that comes now, whatever it is.
void JsonReader::skip() {
  const char first = peek();
  if (first == '{') {
    enter_object();
    while (next_member()) {
    }
    return;
  }
  if (first == '[') {
    enter_array();
    while (next_element()) {
    }
    return;
  }
  pending_ = false;
  if (first == '"') return static_cast<void>(string(value_));
  if (first == '-' || is_digit(first)) return skip_number();
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!text_.substr(at_).starts_with(word) || failed_) continue;
    at_ += word.size();
    return;
  }
  fail();
}

void JsonReader::skip_number() {
  const auto current = [this] { return at_ < text_.size() ? text_[at_] : '\0'; };
  const auto digits = [&] {
    if (!is_digit(current())) return fail();
    while (is_digit(current())) ++at_;
  };
  if (current() == '-') ++at_;
  const bool zero = current() == '0';
  const std::size_t begin = at_;
  digits();
  if (zero && at_ - begin > 1) fail();  // "01" is no number
  if (current() == '.') {
    ++at_;
    digits();
  }
  if (current() != 'e' && current() != 'E') return;
  ++at_;
  if (current() == '+' || current() == '-') ++at_;
  digits();
}

}  // namespace cairn::vfs::net
