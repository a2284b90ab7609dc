// S3's form of requests and errors.
#pragma once

#include <string>

#include "tests/support/simulated/message.hpp"

namespace cairn::test::sim::s3 {

/// A request to a bucket or an object, path style.
struct Call : Incoming {
  std::string bucket{};
  std::string key{};
};

/// Throws std::invalid_argument if the URL or the headers could not have been sent like this.
[[nodiscard]] Call read_call(const vfs::net::Request& request);

/// The API's error document.
[[nodiscard]] Reply error_reply(int status, const std::string& code, const std::string& more = {});

}  // namespace cairn::test::sim::s3
