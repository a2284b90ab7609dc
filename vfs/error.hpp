// The one exception of vfs: what was tried, on which URL, what the server said, what to do.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "vfs/export.hpp"

namespace cairn::vfs {

enum class ErrorCode {
  not_found,
  already_exists,
  precondition_failed,  ///< If-Match did not hold: somebody else wrote in between
  conflict,             ///< another conditional write of the same file got in the way; write again
  permission_denied,
  unauthenticated,  ///< no credentials, or credentials that the service does not know
  untrusted,        ///< the server could not prove who it is: its certificate, or its kind of TLS
  invalid_argument,
  unsupported,
  is_a_directory,
  not_a_directory,
  not_empty,
  no_space,
  rate_limited,
  unavailable,
  timeout,
  cancelled,
  corrupt,
  io,
};

/// "not found", "permission denied", …
[[nodiscard]] CAIRN_API std::string_view to_string(ErrorCode code);

/// What is known about a failure. All texts are free of secrets.
struct ErrorDetails {
  std::string operation{};     ///< "read", "write", "list", …
  std::string url{};           ///< redacted
  std::string message{};       ///< the cause, in words
  std::string hint{};          ///< what the user can do; may be empty
  int http_status{0};          ///< 0: no response
  std::string service_code{};  ///< "NoSuchKey", …
  std::string request_id{};    ///< for the provider's support
  int attempts{1};             ///< how often it was tried
};

/// Thrown by every operation of vfs. Absence is not an error where a function returns optional.
class CAIRN_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, ErrorDetails details);

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const ErrorDetails& details() const noexcept { return details_; }

 private:
  ErrorCode code_;
  ErrorDetails details_;
};

}  // namespace cairn::vfs
