#include "vfs/s3/errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cairn::vfs::s3 {
namespace {

using net::TransportFailure;

struct CodeRow {
  std::string_view service;
  ErrorCode code;
};
constexpr std::array<CodeRow, 34> kCodes{{
    {"AccessDenied", ErrorCode::permission_denied},
    {"AccountProblem", ErrorCode::permission_denied},
    {"AllAccessDisabled", ErrorCode::permission_denied},
    {"AuthorizationHeaderMalformed", ErrorCode::unauthenticated},
    {"BadDigest", ErrorCode::corrupt},
    {"ChecksumMismatch", ErrorCode::corrupt},
    {"ConditionalRequestConflict", ErrorCode::conflict},
    {"EntityTooLarge", ErrorCode::invalid_argument},
    {"EntityTooSmall", ErrorCode::invalid_argument},
    {"ExistingObjectIsDirectory", ErrorCode::is_a_directory},  // versitygw: files in folders below
    {"ExpiredToken", ErrorCode::unauthenticated},
    {"InternalError", ErrorCode::unavailable},
    {"InvalidAccessKeyId", ErrorCode::unauthenticated},
    {"InvalidObjectState", ErrorCode::permission_denied},
    {"InvalidPart", ErrorCode::corrupt},
    {"InvalidRangeResponse", ErrorCode::corrupt},
    {"InvalidToken", ErrorCode::unauthenticated},
    {"KeyTooLongError", ErrorCode::invalid_argument},
    {"MalformedResponse", ErrorCode::corrupt},
    {"NoSuchBucket", ErrorCode::not_found},
    {"NoSuchKey", ErrorCode::not_found},
    {"NoSuchUpload", ErrorCode::not_found},
    {"NotImplemented", ErrorCode::unsupported},
    {"ObjectParentIsFile", ErrorCode::not_a_directory},  // versitygw, too
    {"PreconditionFailed", ErrorCode::precondition_failed},
    {"QuotaExceeded", ErrorCode::no_space},
    {"RequestTimeTooSkewed", ErrorCode::unauthenticated},
    {"RequestTimeout", ErrorCode::timeout},
    {"SignatureDoesNotMatch", ErrorCode::unauthenticated},
    {"SlowDown", ErrorCode::rate_limited},
    {"XAdminUserNotFound", ErrorCode::unauthenticated},  // versitygw: an unknown access key
    {"XAmzContentChecksumMismatch", ErrorCode::corrupt},
    {"XAmzContentSHA256Mismatch", ErrorCode::corrupt},
    {"XMinioStorageFull", ErrorCode::no_space},
}};

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

constexpr std::string_view kProxyHint =
    "the proxy comes from HttpOptions::proxy, HTTPS_PROXY, http_proxy or ALL_PROXY: its URL holds "
    "user name and password, "
    "and NO_PROXY names hosts that need none";

std::string where(const BucketConfig& config) {
  return config.endpoint.empty() ? "Amazon S3" : config.endpoint;
}

bool has_expired(const net::ServiceError& error) {
  return error.message.find("Request has expired") != std::string::npos;
}

/// By what OpenSSL and libcurl say.
std::string hint_of_tls(std::string_view message, const BucketConfig& config) {
  const auto says = [&](std::string_view part) { return message.find(part) != message.npos; };
  if (says("wrong version number") || says("packet length too long")) {
    return "the server does not speak TLS at that port: an http:// endpoint?";
  }
  if (says("expired") || says("not yet valid")) {
    return "the server's certificate has to be renewed, unless this machine's clock is wrong";
  }
  if (says("subject name")) {
    return fmt::format("the certificate is for another host than that of {}: check the endpoint",
                       where(config));
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

std::string hint_of_failure(const net::Failure& failure, const BucketConfig& config) {
  const bool https = config.endpoint.empty() || config.endpoint.starts_with("https:");
  switch (failure.kind) {
    case TransportFailure::proxy:
      return std::string(kProxyHint);
    case TransportFailure::connect:
      return fmt::format(
          "is a server listening at {}? The endpoint comes from S3Options, "
          "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile",
          where(config));
    case TransportFailure::resolve:
      return fmt::format(
          "the host name of {} is not known here: check the endpoint, the region "
          "and the network",
          where(config));
    case TransportFailure::tls:
      return hint_of_tls(failure.message, config);
    case TransportFailure::receive:
    case TransportFailure::other:
      return https ? "" : "an https server does not answer to http://: check the endpoint's scheme";
    default:
      return {};
  }
}

std::string hint_of_code(std::string_view code, const BucketConfig& config) {
  if (code == "NoSuchBucket") {
    return fmt::format("there is no bucket \"{}\" at {}: create it, or check name and endpoint",
                       config.bucket, where(config));
  }
  if (code == "InvalidAccessKeyId" || code == "XAdminUserNotFound") {
    return fmt::format("{} does not know this access key: is it for another service or endpoint?",
                       where(config));
  }
  if (code == "SignatureDoesNotMatch") return "the secret access key does not fit the access key";
  if (code == "ExpiredToken" || code == "InvalidToken") {
    return "the session token has run out: get new credentials";
  }
  if (code == "RequestTimeTooSkewed") return "set this machine's clock";
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect" ||
      code == "TemporaryRedirect" || code == "IllegalLocationConstraintException") {
    return "the bucket is in another region: set AWS_REGION or S3Options::region";
  }
  if (code == "InvalidObjectState") return "the object is archived: restore it first";
  if (code == "EntityTooSmall") return "all parts but the last need 5 MiB: set a larger part size";
  return {};
}

}  // namespace

Condition condition_of(const WriteOptions& options) {
  if (options.if_absent) return Condition::absent;
  return options.if_match.empty() ? Condition::none : Condition::same;
}

ErrorCode code_of(int status, std::string_view code) {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::service);
  return row == kCodes.end() ? code_by_status(status) : row->code;
}

std::string hint_of(const net::Outcome& outcome, const BucketConfig& config) {
  if (outcome.failure) return hint_of_failure(*outcome.failure, config);
  if (!outcome.error) return {};
  if (has_expired(*outcome.error)) {
    return "the signed URL has run out: have a new one made";
  }
  std::string hint = hint_of_code(outcome.error->code, config);
  if (!hint.empty()) return hint;
  if (outcome.response.status == 403) {
    if (config.anonymous) return "the request was anonymous: this may need credentials";
    return outcome.error->code.empty()  // HEAD: there is no body to say more
               ? "the keys are wrong or lack a permission; without s3:ListBucket a file that is "
                 "not there looks the same"
               : "the credentials lack a permission for this";
  }
  if (outcome.response.status == 407) return std::string(kProxyHint);
  const std::string_view type = outcome.response.headers.get("content-type");
  const bool tls_port = outcome.response.status == 400 && outcome.error->code.empty() &&
                        outcome.response.body.find("HTTPS") != std::string::npos;
  if (tls_port) return "the endpoint speaks TLS: write https:// in the endpoint's URL";
  if (outcome.error->code.empty() && type.starts_with("text/html")) {
    return fmt::format("{} answers with a web page: is it an S3 endpoint?", where(config));
  }
  return {};
}

Error make_error(const Attempted& attempted, const net::Outcome& outcome,
                 const BucketConfig& config) {
  ErrorDetails details{.operation = std::string(attempted.operation),
                       .url = attempted.url,
                       .hint = hint_of(outcome, config),
                       .http_status = outcome.response.status,
                       .request_id = outcome.request_id,
                       .attempts = outcome.attempts};
  if (outcome.failure) {
    details.message = outcome.failure->message;
    return Error(code_of(outcome.failure->kind, outcome.response.status), std::move(details));
  }
  details.service_code = outcome.error->code;
  details.message = outcome.error->message;
  ErrorCode code = code_of(outcome.response.status, outcome.error->code);
  if (code == ErrorCode::precondition_failed && attempted.condition == Condition::absent) {
    code = ErrorCode::already_exists;
  }
  // A signed URL that has run out is an AccessDenied like any other but for its message.
  if (code == ErrorCode::permission_denied && has_expired(*outcome.error)) {
    code = ErrorCode::unauthenticated;
  }
  // S3 answers a replacement of what is gone with 404.
  if (attempted.condition == Condition::same && outcome.error->code == "NoSuchKey") {
    code = ErrorCode::precondition_failed;
  }
  return Error(code, std::move(details));
}

}  // namespace cairn::vfs::s3
