// URLs that answers hold: where they lead from the page that holds them, and whether to go there.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::vfs::http {

/// A URL in its parts, encoded as it came.
struct Parts {
  std::string_view origin{};  ///< "https://host:8443"
  std::string_view path{};    ///< with its leading '/'; may be empty
  std::string_view query{};   ///< with its '?'; may be empty
};
/// Of an absolute http(s) URL; absent: it is none, or not one that is safe to send to. A fragment
/// is left out.
[[nodiscard]] std::optional<Parts> split(std::string_view url);

/// Same scheme, host and port, as RFC 9110 section 4.3.1 compares them.
[[nodiscard]] bool same_origin(std::string_view left, std::string_view right);

/// Where a reference ("../a", "?page=2", "//host/b", "https://…") leads from the page with the URL
/// `base` (RFC 3986 section 5.2). Absent: nowhere that http(s) goes.
[[nodiscard]] std::optional<std::string> resolve(std::string_view base, std::string_view reference);

/// Where an answer sends a request.
struct Hop {
  std::string url{};
  std::string refusal{};  ///< why it is not followed; empty: it is
};
/// The answer of `status` to a request of `method` sends it on. A change of the method (303, or 301
/// and 302 to what is neither read nor written whole) is none.
[[nodiscard]] bool is_redirect(std::string_view method, int status);
/// Needs is_redirect().
[[nodiscard]] Hop next_hop(std::string_view from, std::string_view location);

/// The hop goes from "/a" to "/a/": there is a directory.
[[nodiscard]] bool adds_slash(std::string_view from, std::string_view to);

}  // namespace cairn::vfs::http
