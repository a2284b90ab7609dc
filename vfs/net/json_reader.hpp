// JSON that is read once and in order, without a tree of it: for long answers of which little is
// wanted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/net/json.hpp"

namespace cairn::vfs::net {

/// Goes through one text, which must outlive it. Strict (RFC 8259), within the limits of json.hpp.
/// The first thing that is wrong, or not what the caller asks for, ends the reading: all that is
/// asked from then on is empty, and finish() is false.
///
///     JsonReader json(text);
///     json.enter_object();
///     while (const auto name = json.next_member()) {
///       if (*name == "kind") kind = json.text();
///     }
///     if (!json.finish()) …
class JsonReader {
 public:
  explicit JsonReader(std::string_view text);

  /// The value that comes now is one.
  void enter_object();
  void enter_array();
  /// Goes on to the next member of the object, or element of the array, that was entered last; past
  /// the value before it if nobody took that. Absent, false: there is none, and the object or the
  /// array is left. The name is good until there is another.
  [[nodiscard]] std::optional<std::string_view> next_member();
  [[nodiscard]] bool next_element();
  /// The value that comes now, a string. Good until the next one.
  [[nodiscard]] std::string_view text();

  /// All that was entered is left, nothing follows, and nothing was wrong.
  [[nodiscard]] bool finish();

 private:
  [[nodiscard]] char peek();
  bool take(char c);
  void fail() { failed_ = true; }
  void enter(char bracket);
  [[nodiscard]] bool next(char bracket);
  [[nodiscard]] std::string_view string(std::string& decoded);
  [[nodiscard]] bool escape(std::string& decoded);
  [[nodiscard]] std::optional<char32_t> hex4();
  void skip();
  void skip_number();

  std::string_view text_;
  std::size_t at_{0};
  int depth_{0};
  bool fresh_{false};   // nothing was read of what was entered last
  bool pending_{true};  // a value comes now
  bool failed_{false};
  std::string name_{};  // where it has escapes
  std::string value_{};
};

}  // namespace cairn::vfs::net
