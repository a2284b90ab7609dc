#include "vfs/gcs/errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cairn::vfs::gcs {
namespace {

struct CodeRow {
  std::string_view service;
  ErrorCode code;
};
// https://cloud.google.com/storage/docs/json_api/v1/status-codes
constexpr std::array<CodeRow, 18> kCodes{{
    {"BadDigest", ErrorCode::corrupt},
    {"ChecksumMismatch", ErrorCode::corrupt},
    {"EntityTooSmall", ErrorCode::invalid_argument},
    {"InvalidPart", ErrorCode::corrupt},
    {"InvalidRangeResponse", ErrorCode::corrupt},
    {"MalformedResponse", ErrorCode::corrupt},
    {"NoSuchUpload", ErrorCode::not_found},
    {"PreconditionFailed", ErrorCode::precondition_failed},
    {"accountDisabled", ErrorCode::permission_denied},
    {"authError", ErrorCode::unauthenticated},
    {"conditionNotMet", ErrorCode::precondition_failed},
    {"expired", ErrorCode::unauthenticated},
    {"internalError", ErrorCode::unavailable},
    {"keyInvalid", ErrorCode::unauthenticated},
    {"quotaExceeded", ErrorCode::rate_limited},
    {"rateLimitExceeded", ErrorCode::rate_limited},
    {"required", ErrorCode::unauthenticated},
    {"userRateLimitExceeded", ErrorCode::rate_limited},
}};

std::string where(const BucketConfig& config) {
  return config.googles_own ? "Google Cloud Storage" : config.endpoint;
}

ErrorCode code_of_answer(const net::Outcome& outcome, net::Condition condition) {
  const std::string& code = outcome.error->code;
  const ErrorCode result = outcome.response.status == 400 && code == "required"
                               ? ErrorCode::invalid_argument  // a parameter; with 401 it is a login
                               : code_of(outcome.response.status, code);
  if (condition == net::Condition::same && result == ErrorCode::not_found) {
    return ErrorCode::precondition_failed;
  }
  return net::under(condition, result);
}

std::string hint_of_answer(const net::Outcome& outcome, const BucketConfig& config) {
  const int status = outcome.response.status;
  const std::string& code = outcome.error->code;
  if (code == "NoSuchBucket" ||
      outcome.error->message.find("bucket does not exist") != std::string::npos) {
    return hint_of_bucket(config);
  }
  if (status == 401) {
    return config.anonymous ? "the request was anonymous: this needs credentials"
                            : "the credentials are not good any more, or for something else: get "
                              "new ones, such as by gcloud auth application-default login";
  }
  if (status == 403 && code == "userRateLimitExceeded") return {};
  if (status == 403) {
    return config.anonymous
               ? "the request was anonymous: this may need credentials"
               : "the account lacks a permission for this, such as the role Storage Object User; "
                 "without storage.objects.list a file that is not there looks the same";
  }
  if (outcome.error->message.find("UserProjectMissing") != std::string::npos ||
      code == "UserProjectMissing") {
    return "the bucket's owner does not pay: set GcsOptions::user_project to a project that does";
  }
  return {};
}

}  // namespace

std::string hint_of_bucket(const BucketConfig& config) {
  return fmt::format("there is no bucket \"{}\" at {}: create it, or check name and endpoint",
                     config.bucket, where(config));
}

ErrorCode code_of(int status, std::string_view code) {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::service);
  return row == kCodes.end() ? net::code_by_status(status) : row->code;
}

net::ErrorRules error_rules(const BucketConfig& config) {
  return {
      .kind = "an endpoint of Cloud Storage",
      .where = where(config),
      .sources = "GcsOptions or STORAGE_EMULATOR_HOST",
      .https = config.endpoint.starts_with("https:"),
      .code_of = &code_of_answer,
      .hint_of = [config](const net::Outcome& outcome) { return hint_of_answer(outcome, config); }};
}

}  // namespace cairn::vfs::gcs
