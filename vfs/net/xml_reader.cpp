#include "vfs/net/xml_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "vfs/net/characters.hpp"

namespace cairn::vfs::net {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kComment = "<!--";
constexpr std::string_view kSection = "<![CDATA[";

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// What names are made of; of characters beyond ASCII any.
constexpr std::array<bool, 256> kOfName = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    table[c] = letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':';
  }
  return table;
}();

bool is_of_name(char c) {
  return kOfName[static_cast<unsigned char>(c)];
}

bool all_blank(std::string_view text) {
  return std::ranges::all_of(text, is_blank);
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

/// Lines end in line feeds (XML 1.0 section 2.11).
std::string with_line_feeds(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!pair) result += text[i] == '\r' ? '\n' : text[i];
  }
  return result;
}

}  // namespace

XmlReader::XmlReader(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  failed_ = text.size() > kMaxXmlSize || !is_xml_text(text);
  if (text_.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
  at_ += rest().size() - without_blanks(rest()).size();  // sent to keep a connection alive
  const bool declared = rest().starts_with("<?xml") && rest().size() > 5 && is_blank(rest()[5]);
  if (declared) skip_past("?>", 5);
}

std::optional<std::string_view> XmlReader::next_element() {
  if (pending_) {
    enter();
    while (next_element()) {
    }
  }
  if (std::exchange(in_empty_, false)) return {};
  while (!failed_) {
    const std::size_t tag = std::min(text_.find('<', at_), text_.size());
    if (depth_ == 0 && !all_blank(text_.substr(at_, tag - at_))) fail();
    at_ = tag;
    const std::string_view here = rest();
    if (failed_ || here.empty()) break;
    if (here.starts_with(kComment)) {
      skip_past("-->", kComment.size());
    } else if (here.starts_with(kSection) && depth_ != 0) {
      skip_past("]]>", kSection.size());
    } else if (here.starts_with("</") && depth_ != 0) {
      close(entered_.at(--depth_));
      return {};
    } else {
      open();
      if (failed_ || (depth_ == 0 && ++roots_ > 1)) break;
      return name_;
    }
  }
  if (depth_ != 0 || roots_ > 1) fail();
  return {};
}

/// At the '<' of a tag, to what comes after it. A '>' within quotes does not end one.
void XmlReader::open() {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && is_of_name(text_[at_])) ++at_;
  name_ = text_.substr(begin, at_ - begin);
  const std::size_t attributes = at_;
  while (at_ < text_.size() && text_[at_] != '>') {
    const char c = text_[at_];
    if (c == '"' || c == '\'') at_ = std::min(text_.find(c, at_ + 1), text_.size() - 1);
    if (c == '<') fail();
    ++at_;
  }
  if (name_.empty() || at_ == text_.size()) return fail();
  attributes_ = text_.substr(attributes, at_ - attributes);
  empty_ = attributes_.ends_with('/');
  if (empty_) attributes_.remove_suffix(1);
  if (!attributes_.empty() && !is_blank(attributes_.front())) return fail();
  ++at_;
  pending_ = true;
}

/// At "</".
void XmlReader::close(std::string_view name) {
  at_ += 2;
  if (!rest().starts_with(name)) return fail();
  at_ += name.size();
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (at_ == text_.size() || text_[at_] != '>') return fail();
  ++at_;
}

void XmlReader::skip_past(std::string_view end, std::size_t from) {
  const std::size_t found = text_.find(end, at_ + from);
  if (found == text_.npos) return fail();
  at_ = found + end.size();
}

std::string_view XmlReader::attribute(std::string_view name) const {
  std::string_view text = attributes_;
  while (!failed_) {
    text = without_blanks(text);
    const std::size_t equals = text.find('=');
    if (equals == text.npos) break;
    std::string_view found = text.substr(0, equals);
    while (!found.empty() && is_blank(found.back())) found.remove_suffix(1);
    text = without_blanks(text.substr(equals + 1));
    if (text.empty()) break;
    const std::size_t end = text.find(text.front(), 1);
    if ((text.front() != '"' && text.front() != '\'') || end == text.npos) break;
    if (found == name) return text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  }
  return {};
}

void XmlReader::enter() {
  if (!std::exchange(pending_, false) || depth_ == entered_.size()) return fail();
  in_empty_ = empty_;
  if (!empty_) entered_.at(depth_++) = name_;
}

/// Most is seen where it lies.
std::string_view XmlReader::text() {
  if (!pending_) fail();
  pending_ = false;
  if (empty_) return {};
  value_.clear();
  for (bool whole = true; !failed_; whole = false) {
    const std::size_t tag = std::min(text_.find('<', at_), text_.size());
    const std::string_view piece = text_.substr(at_, tag - at_);
    at_ = tag;
    const bool ends = rest().starts_with("</");
    if (ends) close(name_);
    if (failed_) break;
    const bool plain = piece.find('&') == piece.npos && piece.find('\r') == piece.npos;
    if (ends && whole && plain) return piece;
    value_ += decode_entities(with_line_feeds(piece));
    if (ends) return value_;
    if (rest().starts_with(kComment)) {
      skip_past("-->", kComment.size());
    } else if (rest().starts_with(kSection)) {
      const std::size_t begin = at_ + kSection.size();
      skip_past("]]>", kSection.size());
      if (!failed_) value_ += with_line_feeds(text_.substr(begin, at_ - 3 - begin));
    } else {
      fail();
    }
  }
  return {};
}

bool XmlReader::finish() {
  if (!failed_ && depth_ == 0 && !pending_ && next_element()) fail();
  return !failed_ && depth_ == 0 && !pending_ && roots_ == 1;
}

}  // namespace cairn::vfs::net
