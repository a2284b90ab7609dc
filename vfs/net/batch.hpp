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

/// In what services differ.
struct BatchForm {
  std::string boundary{};
  bool bracketed_ids{false};  ///< "Content-ID: <0>", as RFC 2045 has it
  /// The end of the line before a boundary belongs to the boundary, and an empty line to the
  /// message before it. Not all services write or want both.
  bool empty_line{false};
};
/// A POST without a URL. Of each request method, URL (path and query are sent) and headers count:
/// none has a body. Their numbers are their Content-IDs.
[[nodiscard]] Request batch_request(std::span<const Request> requests, const BatchForm& form);

/// The answer to one of them.
struct BatchAnswer {
  std::optional<std::size_t> id{};  ///< which request it is to; absent: it does not say
  int status{0};                    ///< 0: it makes no sense
  Headers headers{};
  std::string body{};
};
/// Absent if the answer is no batch of answers.
[[nodiscard]] std::optional<std::vector<BatchAnswer>> parse_batch(const Response& response);

/// The answer to each of `requests` requests: by the numbers, else by the order in which they came.
/// One that did not come has status 0; of two the first counts.
[[nodiscard]] std::vector<BatchAnswer> in_order(std::vector<BatchAnswer> answers,
                                                std::size_t requests);

}  // namespace cairn::vfs::net
