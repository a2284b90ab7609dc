#include "vfs/base/fail.hpp"

namespace cairn::vfs {

void fail(ErrorCode code, std::string operation, std::string url, std::string message,
          std::string hint) {
  throw Error(code, {.operation = std::move(operation),
                     .url = std::move(url),
                     .message = std::move(message),
                     .hint = std::move(hint)});
}

void check_call(const CallOptions& options, std::string_view operation, std::string_view url) {
  if (options.stop.stop_requested()) {
    fail(ErrorCode::cancelled, std::string(operation), std::string(url),
         "the caller asked to stop");
  }
  if (options.deadline && std::chrono::steady_clock::now() >= *options.deadline) {
    fail(ErrorCode::timeout, std::string(operation), std::string(url), "the deadline has passed");
  }
}

}  // namespace cairn::vfs
