// Glob: the rules of Python's glob.translate(recursive=True, include_hidden=True), as fsspec has
// them.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "vfs/error.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {
namespace {

constexpr std::string_view kMagic = "*?[";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

/// Takes one character: a UTF-8 sequence, or a byte where there is none.
std::string_view take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  if (size > text.size()) size = 1;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) size = 1;
  }
  const auto character = text.substr(0, size);
  text.remove_prefix(size);
  return character;
}

/// The length of the class that `pattern` begins with, brackets included; 0 if its '[' is a plain
/// character.
std::size_t class_length(std::string_view pattern) {
  std::size_t begin = 1;
  if (begin < pattern.size() && pattern[begin] == '!') ++begin;
  if (begin < pattern.size() && pattern[begin] == ']') ++begin;
  const auto end = pattern.find(']', begin);
  return end == std::string_view::npos ? 0 : end + 1;
}

/// UTF-8 sorts like its code points, so ranges compare as texts.
bool class_has(std::string_view members, std::string_view character) {
  const bool negated = members.starts_with('!');
  if (negated) members.remove_prefix(1);
  bool found = false;
  while (!members.empty()) {
    const auto low = take_character(members);
    if (members.size() < 2 || members.front() != '-') {
      found = found || low == character;
      continue;
    }
    members.remove_prefix(1);
    const auto high = take_character(members);
    found = found || (low <= character && character <= high);
  }
  return found != negated;
}

/// One step of pattern and text, '*' aside. False: no match here.
bool match_one(std::string_view& pattern, std::string_view& text) {
  if (pattern.empty() || text.empty()) return false;
  if (pattern.front() == '?') {
    pattern.remove_prefix(1);
    take_character(text);
    return true;
  }
  if (const std::size_t length = pattern.front() == '[' ? class_length(pattern) : 0; length > 0) {
    const auto members = pattern.substr(1, length - 2);
    pattern.remove_prefix(length);
    return class_has(members, take_character(text));
  }
  if (pattern.front() != text.front()) return false;
  pattern.remove_prefix(1);
  text.remove_prefix(1);
  return true;
}

/// Going back to the last '*' only is enough: an earlier one could not match more.
bool match_segment(std::string_view pattern, std::string_view text) {
  if (pattern == "*") return !text.empty();
  bool starred = false;
  std::string_view pattern_after_star;
  std::string_view text_after_star;
  for (;;) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(std::min(pattern.find_first_not_of('*'), pattern.size()));
      starred = true;
      pattern_after_star = pattern;
      text_after_star = text;
      continue;
    }
    if (pattern.empty() && text.empty()) return true;
    if (match_one(pattern, text)) continue;
    if (!starred || text_after_star.empty()) return false;
    take_character(text_after_star);
    pattern = pattern_after_star;
    text = text_after_star;
  }
}

/// "**/" from the first position on that was reached: no segment, or some that have a character
/// between them. (One empty segment has none: "**/a" does not match "/a".)
void any_depth(const std::vector<std::string_view>& segments, const std::vector<char>& at,
               std::size_t first, std::vector<char>& next) {
  for (std::size_t i = first; i < next.size(); ++i) next[i] = 1;
  if (first < segments.size() && segments[first].empty()) next[first + 1] = at[first + 1];
}

}  // namespace

Glob::Glob(std::string pattern) : pattern_(std::move(pattern)) {
  for (const std::string_view part : split(pattern_)) {
    if (part != "**" && part.find("**") != std::string_view::npos) {
      throw Error(ErrorCode::invalid_argument,
                  {.operation = "use pattern",
                   .url = pattern_,
                   .message = "'**' must stand alone between two '/'",
                   .hint = "write a/**/b for any depth, a/*b within one folder"});
    }
  }
}

std::string Glob::literal_prefix() const {
  const auto magic = std::min(pattern_.find_first_of(kMagic), pattern_.size());
  const auto slash = std::string_view(pattern_).substr(0, magic).rfind('/');
  return slash == std::string::npos ? std::string() : pattern_.substr(0, slash + 1);
}

bool Glob::matches(std::string_view path) const {
  const auto parts = split(pattern_);
  const auto segments = split(path);
  // at[i]: the pattern so far matches the first i segments.
  std::vector<char> at(segments.size() + 1, 0);
  at[0] = 1;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    std::vector<char> next(at.size(), 0);
    const bool any = parts[p] == "**";
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (at[i] == 0) continue;
      if (any && p + 1 == parts.size()) return i < segments.size();
      if (any) {
        any_depth(segments, at, i, next);
        break;
      }
      if (i < segments.size() && match_segment(parts[p], segments[i])) next[i + 1] = 1;
    }
    at = std::move(next);
  }
  return at.back() != 0;
}

std::string Glob::escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kMagic.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += {'[', c, ']'};
    }
  }
  return out;
}

}  // namespace cairn::vfs
