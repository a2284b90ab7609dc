// Signature Version 4 as a server verifies it, written from AWS's description ("Authenticating
// Requests: Using the Authorization Header"), without any of the client's code.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/simulated_s3/message.hpp"

namespace cairn::test::sim::s3 {

/// Keys that the server knows.
struct Account {
  std::string access_key_id{"AKIASIMULATED"};
  std::string secret{"simulated-secret"};
  std::string session_token{};  ///< empty: long-lived
  bool expired{false};          ///< the token has run out
};

/// The error that the server answers with; absent: the request is signed as it has to be.
[[nodiscard]] std::optional<Reply> refuse_unauthorized(const Call& request, const Account& account,
                                                       const std::string& region,
                                                       std::chrono::system_clock::time_point now);

}  // namespace cairn::test::sim::s3
