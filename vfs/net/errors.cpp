#include "vfs/net/errors.hpp"

#include <fmt/format.h>

namespace cairn::vfs::net {
namespace {

constexpr std::string_view kProxyHint =
    "the proxy comes from HttpOptions::proxy, HTTPS_PROXY, http_proxy or ALL_PROXY: its URL holds "
    "user name and password, "
    "and NO_PROXY names hosts that need none";

/// By what OpenSSL and libcurl say.
std::string hint_of_tls(std::string_view message, const ErrorRules& rules) {
  const auto says = [&](std::string_view part) { return message.find(part) != message.npos; };
  if (says("wrong version number") || says("packet length too long")) {
    return "the server does not speak TLS at that port: an http:// endpoint?";
  }
  if (says("expired") || says("not yet valid")) {
    return "the server's certificate has to be renewed, unless this machine's clock is wrong";
  }
  if (says("subject name")) {
    return fmt::format("the certificate is for another host than that of {}: check the endpoint",
                       rules.where);
  }
  if (says("protocol version") || says("unsupported protocol")) {
    return "the server offers no TLS 1.2 or newer: it has to be updated";
  }
  if (says("CAfile") || says("CA certificate")) {
    return "the file of trusted certificates can't be read: it comes from HttpOptions::ca_file, "
           "AWS_CA_BUNDLE or SSL_CERT_FILE";
  }
  return "for a certificate of your own set HttpOptions::ca_file or AWS_CA_BUNDLE";
}

std::string hint_of_failure(const Failure& failure, const ErrorRules& rules) {
  switch (failure.kind) {
    case TransportFailure::proxy:
      return std::string(kProxyHint);
    case TransportFailure::connect:
      return fmt::format("is a server listening at {}? The endpoint comes from {}", rules.where,
                         rules.sources);
    case TransportFailure::resolve:
      return fmt::format(
          "the host name of {} is not known here: check the endpoint and the network", rules.where);
    case TransportFailure::tls:
      return hint_of_tls(failure.message, rules);
    case TransportFailure::receive:
    case TransportFailure::other:
      return rules.https ? ""
                         : "an https server does not answer to http://: check the endpoint's "
                           "scheme";
    default:
      return {};
  }
}

}  // namespace

Condition condition_of(const WriteOptions& options) {
  if (options.if_absent) return Condition::absent;
  return options.if_match.empty() ? Condition::none : Condition::same;
}

ErrorCode under(Condition condition, ErrorCode code) {
  const bool exists = code == ErrorCode::precondition_failed && condition == Condition::absent;
  return exists ? ErrorCode::already_exists : code;
}

ErrorCode code_by_status(int status) {
  switch (status) {
    case 400:
    case 411:
    case 413:
      return ErrorCode::invalid_argument;
    case 401:
    case 407:
      return ErrorCode::unauthenticated;
    case 403:
      return ErrorCode::permission_denied;
    case 404:
    case 410:
      return ErrorCode::not_found;
    case 405:
    case 501:
      return ErrorCode::unsupported;
    case 408:
      return ErrorCode::timeout;
    case 412:
      return ErrorCode::precondition_failed;
    case 429:
      return ErrorCode::rate_limited;
    case 500:
    case 502:
    case 503:
    case 504:
      return ErrorCode::unavailable;
    case 507:
      return ErrorCode::no_space;
    default:
      return ErrorCode::io;
  }
}

ErrorCode code_of(TransportFailure failure, int status) {
  switch (failure) {
    case TransportFailure::proxy:
      return code_by_status(status);
    case TransportFailure::stalled:
    case TransportFailure::deadline:
      return ErrorCode::timeout;
    case TransportFailure::cancelled:
      return ErrorCode::cancelled;
    case TransportFailure::refused:
      return ErrorCode::invalid_argument;
    case TransportFailure::body_too_large:
      return ErrorCode::corrupt;
    case TransportFailure::tls:
      return ErrorCode::untrusted;
    default:
      return ErrorCode::unavailable;
  }
}

std::string hint_of(const Outcome& outcome, const ErrorRules& rules) {
  if (outcome.failure) return hint_of_failure(*outcome.failure, rules);
  if (!outcome.error) return {};
  if (std::string hint = rules.hint_of(outcome); !hint.empty()) return hint;
  const Response& response = outcome.response;
  if (response.status == 407) return std::string(kProxyHint);
  const bool bare = outcome.error->code.empty();
  if (response.status == 400 && bare && response.body.find("HTTPS") != std::string::npos) {
    return "the endpoint speaks TLS: write https:// in the endpoint's URL";
  }
  if (bare && !rules.kind.empty() &&
      response.headers.get("content-type").starts_with("text/html")) {
    return fmt::format("{} answers with a web page: is it {}?", rules.where, rules.kind);
  }
  return {};
}

Error make_error(const Attempted& attempted, const Outcome& outcome, const ErrorRules& rules) {
  ErrorDetails details{.operation = std::string(attempted.operation),
                       .url = attempted.url,
                       .hint = hint_of(outcome, rules),
                       .http_status = outcome.response.status,
                       .request_id = outcome.request_id,
                       .attempts = outcome.attempts};
  if (outcome.failure) {
    details.message = outcome.failure->message;
    return Error(code_of(outcome.failure->kind, outcome.response.status), std::move(details));
  }
  details.service_code = outcome.error->code;
  details.message = outcome.error->message;
  return Error(rules.code_of(outcome, attempted.condition), std::move(details));
}

}  // namespace cairn::vfs::net
