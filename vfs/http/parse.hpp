// The answers of web servers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vfs/net/client.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::http {

/// What is wrong; absent: success, or a redirect that is to be followed.
[[nodiscard]] std::optional<net::ServiceError> examine(const net::Request& request,
                                                       const net::Response& response);

/// The size of the whole, which not every answer tells.
[[nodiscard]] std::optional<std::uint64_t> whole_size(const net::Headers& headers);

/// What tells the content of an answer from another version's, as FileInfo::etag holds it: the
/// ETag, or, of servers without one, Last-Modified and size: "Sun, 06 Nov 1994 08:49:37 GMT/42".
/// Empty: nothing does.
[[nodiscard]] std::string version_of(const net::Headers& headers);
/// Apache's etag of a file is weak for a second, and then strong.
[[nodiscard]] bool same_version(std::string_view left, std::string_view right);
/// A version as the condition of a read, in place of the If-Match that holds it. A weak ETag
/// (RFC 9110 section 8.8.1) can be no condition: it is compared with that of the answer.
void pin(net::Headers& headers);

/// From the headers of GET and HEAD.
[[nodiscard]] FileInfo parse_info(const Path& path, const net::Headers& headers);

/// What a server says that it can do (OPTIONS).
struct Powers {
  bool propfind{false};
  bool mkcol{false};
  bool copy{false};
  bool move{false};
};
/// From Allow, as far as DAV says that WebDAV is spoken (RFC 4918 section 10.1).
[[nodiscard]] Powers parse_powers(const net::Headers& headers);

}  // namespace cairn::vfs::http
