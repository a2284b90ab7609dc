// Which server the files of a URL are on, and what it is told beside the request.
#pragma once

#include <string>
#include <string_view>

#include "vfs/config.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs::http {

struct Site {
  Url root{};              ///< without a path; its query goes with each request
  net::Headers secrets{};  ///< headers for this server and no other

  /// Absolute and encoded, with the query.
  [[nodiscard]] std::string target(const Path& path) const;
  /// For messages: nothing of the query's values.
  [[nodiscard]] std::string shown(const Path& path) const;
};

/// Throws Error(invalid_argument) for options that make no sense.
[[nodiscard]] Site make_site(const Url& root, const WebOptions& options);

}  // namespace cairn::vfs::http
