#include "vfs/net/xml_scan.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cairn::vfs::net {
namespace {

/// The length of the UTF-8 sequence that the text starts with; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 4;
  if (first < 0xE0)
    length = 2;
  else if (first < 0xF0)
    length = 3;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) >= 0xA0;
  const bool beyond = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

/// Eight bytes at once: none is a control character or begins a sequence.
bool all_printable(const char* bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kEach;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t below_space = (word - 0x20 * kEach) & ~word & kHigh;
  return ((word & kHigh) | below_space) == 0;
}

/// Goes through the markup; the text between is not looked at.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool scan() {
    while ((at_ = text_.find('<', at_)) != text_.npos) {
      if (!markup()) return false;
    }
    return true;
  }

 private:
  bool markup() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) return skip_past("-->", 4);
    if (rest.starts_with("<![CDATA[")) return ++nodes_ <= kMaxXmlNodes && skip_past("]]>", 9);
    if (rest.starts_with("<!")) return false;
    if (rest.starts_with("<?")) return is_declaration(rest) && skip_past("?>", 2);
    if (!rest.starts_with("</")) return element();
    if (depth_ != 0) --depth_;
    return skip_past(">", 2);
  }

  bool is_declaration(std::string_view rest) const {
    return nodes_ == 0 && (rest.starts_with("<?xml ") || rest.starts_with("<?xml\t"));
  }

  /// What has no end is for the parser to refuse.
  bool skip_past(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, at_ + from);
    at_ = found == text_.npos ? text_.size() : found + end.size();
    return true;
  }

  /// A '>' within quotes does not end a tag.
  bool element() {
    ++nodes_;
    ++depth_;
    char last = '<';
    for (++at_; at_ < text_.size() && text_[at_] != '>'; ++at_) {
      last = text_[at_];
      if (last != '"' && last != '\'') continue;
      ++nodes_;
      at_ = std::min(text_.find(last, at_ + 1), text_.size() - 1);
    }
    const bool deep = depth_ > kMaxXmlDepth;
    if (last == '/') --depth_;
    return !deep && nodes_ <= kMaxXmlNodes;
  }

  std::string_view text_;
  std::size_t at_{0};
  std::size_t depth_{0};
  std::size_t nodes_{0};
};

}  // namespace

bool is_xml_text(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && all_printable(text.data() + i)) {
      i += 8;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return false;
    const std::size_t length = byte < 0x80 ? 1 : sequence_length(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

bool is_harmless_xml(std::string_view text) {
  return text.size() <= kMaxXmlSize && is_xml_text(text) && Scanner(text).scan();
}

}  // namespace cairn::vfs::net
