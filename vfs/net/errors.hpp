// From what a service or the network said to the exception that a user sees, with a hint for the
// common causes. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "vfs/error.hpp"
#include "vfs/net/client.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// What a write asked of the file that is there.
enum class Condition { none, absent, same };
[[nodiscard]] Condition condition_of(const WriteOptions& options);
/// A precondition that failed, in the caller's words: of a file that shall be created, it is there.
[[nodiscard]] ErrorCode under(Condition condition, ErrorCode code);

/// What was tried.
struct Attempted {
  std::string_view operation{};
  std::string url{};
  Condition condition{Condition::none};  ///< what a refusal means follows from it
};

/// What is special about one service.
struct ErrorRules {
  std::string kind{};     ///< "an S3 endpoint"
  std::string where{};    ///< "Amazon S3", "http://127.0.0.1:9000"
  std::string sources{};  ///< where the endpoint comes from: "S3Options, AWS_ENDPOINT_URL"
  bool https{true};       ///< of the endpoint
  /// Of an answer; the outcome holds a ServiceError.
  std::function<ErrorCode(const Outcome&, Condition)> code_of{};
  std::function<std::string(const Outcome&)> hint_of{};  ///< empty: nothing better than the message
  std::function<std::string(const Path&)> url_of{};      ///< absent: the path behind the root
};

/// What HTTP means by it, where the service's own code says no more.
[[nodiscard]] ErrorCode code_by_status(int status);
/// `status`: what a proxy answered with.
[[nodiscard]] ErrorCode code_of(TransportFailure failure, int status);
/// Empty if there is nothing better to say than the message.
[[nodiscard]] std::string hint_of(const Outcome& outcome, const ErrorRules& rules);
/// Needs !outcome.ok().
[[nodiscard]] Error make_error(const Attempted& attempted, const Outcome& outcome,
                               const ErrorRules& rules);

}  // namespace cairn::vfs::net
