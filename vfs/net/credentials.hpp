// What all places that give credentials have in common: how they are asked over HTTP, and how they
// fail.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/base/services.hpp"
#include "vfs/net/client.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// There are none, or the place that is configured to give them does not. Becomes an Error
/// (unauthenticated) where the file is known.
class CredentialError : public std::exception {
 public:
  explicit CredentialError(std::string message, std::string hint = {})
      : message_(std::move(message)), hint_(std::move(hint)) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string message_;
  std::string hint_;
};

/// What a success holds. One that does not is asked for again, as after any other failure.
enum class AnswerForm {
  any,
  json,  ///< an object
  xml
};

/// A small request to a service that gives credentials.
struct Question {
  std::string operation{};  ///< "assume_role", for logs
  Request request{};        ///< without a URL
  std::string url{};
  std::chrono::milliseconds timeout{5'000};  ///< of one attempt
  int attempts{3};
  AnswerForm answer{AnswerForm::any};
  std::function<void(Request&, TimePoint now)> sign{};  ///< absent: not signed
};
/// Any answer with a status, after retries of what a retry can cure. What an error says in XML or
/// JSON (OAuth 2.0, Google's and AWS's) is in Outcome::error. Throws TransportError only if the
/// caller has stopped or is late.
[[nodiscard]] Outcome ask(const Services& services, const CallOptions& call, Question question);

/// "403 AccessDenied: why" of an outcome that is not ok().
[[nodiscard]] std::string describe(const Outcome& outcome);

/// Throws CredentialError unless the URL is https, or plain http to this machine or allowed.
void check_credential_url(const Config& config, std::string_view url);

/// A small file, whole. Absent: it can't be read.
[[nodiscard]] std::optional<std::string> read_small_file(const std::string& path);

using Form = std::vector<std::pair<std::string_view, std::string>>;
/// POST of application/x-www-form-urlencoded. Empty values are left out.
[[nodiscard]] Request form_request(const Form& form);

}  // namespace cairn::vfs::net
