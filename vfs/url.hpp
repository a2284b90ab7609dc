// A URL of a file or object, and the path inside one file system.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "vfs/export.hpp"

namespace cairn::vfs {

/// The name of one file or object within a file system: bytes, verbatim. Nothing is folded, decoded or expanded: "a//b",
/// "a/../b" and "a[1]" are three different keys on an object store. A trailing '/' marks a directory.
class CAIRN_API Path {
 public:
  Path() = default;
  Path(std::string text) : text_(std::move(text)) {}        // NOLINT(google-explicit-constructor)
  Path(std::string_view text) : text_(text) {}              // NOLINT(google-explicit-constructor)
  Path(const char* text) : text_(text) {}                   // NOLINT(google-explicit-constructor)

  [[nodiscard]] const std::string& string() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] bool has_trailing_slash() const noexcept { return text_.ends_with('/'); }
  /// The last segment, without a trailing '/'.
  [[nodiscard]] std::string_view name() const;
  /// Without the last segment; empty at the root.
  [[nodiscard]] Path parent() const;

  /// Joins with exactly one '/' between the two; an empty left side gives the right side.
  friend CAIRN_API Path operator/(const Path& left, std::string_view right);
  friend bool operator==(const Path&, const Path&) = default;
  friend auto operator<=>(const Path&, const Path&) = default;

 private:
  std::string text_;
};

/// A pattern over paths: `*` `?` `[a-z]` `[!a]` within a segment, `**` for any number of segments. Only what is asked for as a
/// Glob is expanded: a Path never is.
class CAIRN_API Glob {
 public:
  explicit Glob(std::string pattern);  ///< throws Error(invalid_argument) where `**` is not a whole segment

  [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }
  /// The leading part without magic characters, up to and with its last '/': what a listing can start from.
  [[nodiscard]] std::string literal_prefix() const;
  [[nodiscard]] bool matches(std::string_view path) const;
  /// A pattern that matches `text` and nothing else.
  [[nodiscard]] static std::string escape(std::string_view text);

 private:
  std::string pattern_;
};

/// scheme://authority/path. The path is taken verbatim (no percent-decoding, '?' and '#' are part of a key) for object stores.
/// A text without a scheme is a local path; "file:" and "memory:" may stand without "//". http and https are real URLs: what the
/// path holds is decoded (%20 is a space), and encoded again by string(). An encoded slash (%2F), which is part of a name there,
/// stands in the path as a zero byte, which no name can hold.
class CAIRN_API Url {
 public:
  Url() = default;
  Url(std::string scheme, std::string authority, Path path);

  /// Throws Error(invalid_argument), with a hint for near misses such as "s3:/bucket/key".
  [[nodiscard]] static Url parse(std::string_view text);

  [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
  [[nodiscard]] const std::string& authority() const noexcept { return authority_; }  ///< bucket; empty for files
  [[nodiscard]] const Path& path() const noexcept { return path_; }
  /// http(s) only, encoded, without its '?'. It may hold secrets (signed URLs), and belongs to all paths of the file system.
  [[nodiscard]] const std::string& query() const noexcept { return query_; }
  [[nodiscard]] Url with_path(Path path) const;
  [[nodiscard]] Url with_query(std::string query) const;
  [[nodiscard]] Url parent() const { return with_path(path_.parent()); }
  /// Round-trips through parse. Holds no user information, which parse refuses, but the query with all that is in it.
  [[nodiscard]] std::string string() const;

  friend CAIRN_API Url operator/(const Url& left, std::string_view right);
  friend bool operator==(const Url&, const Url&) = default;

 private:
  std::string scheme_;
  std::string authority_;
  Path path_;
  std::string query_;
};

}  // namespace cairn::vfs
