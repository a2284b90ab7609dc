// XML that is read once and in order, without a tree of it: for long answers of which little is
// wanted.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/net/xml_scan.hpp"

namespace cairn::vfs::net {

/// Goes through one document, which must outlive it. Takes what is_harmless_xml does, with tags
/// that match, of any number of elements: nothing is kept of those that were passed. The first
/// thing that is wrong, or not what the caller asks for, ends the reading: all that is asked from
/// then on is empty, and finish() is false.
///
///     XmlReader xml(text);
///     while (const auto root = xml.next_element()) {
///       xml.enter();
///       while (const auto name = xml.next_element()) {
///         if (*name == "Key") key = xml.text();
///       }
///     }
///     if (!xml.finish()) …
class XmlReader {
 public:
  explicit XmlReader(std::string_view text);

  /// The next element in the one that was entered last, or of the document; past the one before it
  /// if nobody took that. Absent: there is none, and what was entered is left. Good for as long as
  /// the document.
  [[nodiscard]] std::optional<std::string_view> next_element();
  /// Goes into the element that came last.
  void enter();
  /// What the element that came last holds, which must be text alone. Good until the next one.
  [[nodiscard]] std::string_view text();
  /// Of the element that came last, before anything else is asked of it. As it is written, without
  /// its quotes; empty: it has no such attribute.
  [[nodiscard]] std::string_view attribute(std::string_view name) const;

  /// The document has one element, which was left, and nothing was wrong.
  [[nodiscard]] bool finish();

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void fail() { failed_ = true; }
  void open();
  void close(std::string_view name);
  void skip_past(std::string_view end, std::size_t from);

  std::string_view text_;
  std::size_t at_{0};
  std::array<std::string_view, kMaxXmlDepth> entered_{};
  std::size_t depth_{0};
  std::size_t roots_{0};
  std::string_view name_{};        // of the element that came last
  std::string_view attributes_{};  // its
  bool empty_{false};              // it is "<a/>"
  bool in_empty_{false};           // and was entered
  bool pending_{false};            // nobody took it yet
  bool failed_{false};
  std::string value_{};  // where it is not as written
};

}  // namespace cairn::vfs::net
