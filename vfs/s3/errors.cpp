#include "vfs/s3/errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cairn::vfs::s3 {
namespace {

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

std::string where(const BucketConfig& config) {
  return config.endpoint.empty() ? "Amazon S3" : config.endpoint;
}

bool has_expired(const net::ServiceError& error) {
  return error.message.find("Request has expired") != std::string::npos;
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

std::string hint_of_answer(const net::Outcome& outcome, const BucketConfig& config) {
  if (has_expired(*outcome.error)) {
    return "the signed URL has run out: have a new one made";
  }
  std::string hint = hint_of_code(outcome.error->code, config);
  if (!hint.empty() || outcome.response.status != 403) return hint;
  if (config.anonymous) return "the request was anonymous: this may need credentials";
  return outcome.error->code.empty()  // HEAD: there is no body to say more
             ? "the keys are wrong or lack a permission; without s3:ListBucket a file that is "
               "not there looks the same"
             : "the credentials lack a permission: ask the bucket's owner for s3:GetObject, "
               "s3:PutObject, s3:DeleteObject or s3:ListBucket, whichever this needs";
}

ErrorCode code_of_answer(const net::Outcome& outcome, net::Condition condition) {
  const std::string& code = outcome.error->code;
  // S3 answers a replacement of what is gone with 404.
  if (condition == net::Condition::same && code == "NoSuchKey") {
    return ErrorCode::precondition_failed;
  }
  const ErrorCode result = code_of(outcome.response.status, code);
  // A signed URL that has run out is an AccessDenied like any other but for its message.
  if (result == ErrorCode::permission_denied && has_expired(*outcome.error)) {
    return ErrorCode::unauthenticated;
  }
  return net::under(condition, result);
}

}  // namespace

ErrorCode code_of(int status, std::string_view code) {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::service);
  return row == kCodes.end() ? net::code_by_status(status) : row->code;
}

net::ErrorRules error_rules(const BucketConfig& config) {
  return {
      .kind = "an S3 endpoint",
      .where = where(config),
      .sources = "S3Options, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile",
      .https = config.endpoint.empty() || config.endpoint.starts_with("https:"),
      .code_of = &code_of_answer,
      .hint_of = [config](const net::Outcome& outcome) { return hint_of_answer(outcome, config); }};
}

}  // namespace cairn::vfs::s3
