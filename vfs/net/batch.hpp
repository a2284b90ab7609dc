// Many requests in one: multipart/mixed of HTTP messages (RFC 2046 section 5.1), as Google and
// Azure take them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {

/// A POST without a URL. Of each request method, URL (path and query are sent) and headers count:
/// none has a body. Their numbers are their Content-IDs.
[[nodiscard]] Request batch_request(std::span<const Request> requests, std::string_view boundary);

/// The answer to one of them.
struct BatchAnswer {
  std::optional<std::size_t> id{};  ///< which request it is to; absent: it does not say
  int status{0};                    ///< 0: it makes no sense
  Headers headers{};
  std::string body{};
};
/// Absent if the answer is no batch of answers.
[[nodiscard]] std::optional<std::vector<BatchAnswer>> parse_batch(const Response& response);

}  // namespace cairn::vfs::net
