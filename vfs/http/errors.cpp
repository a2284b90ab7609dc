#include "vfs/http/errors.hpp"

#include <algorithm>
#include <array>

namespace cairn::vfs::http {
namespace {

using net::Condition;

/// As S3, GCS and Azure say it of a signed URL whose time is over.
bool has_expired(const net::ServiceError& error) {
  constexpr std::array<std::string_view, 3> kTexts{
      "Request has expired", "token has expired",
      "Signature not valid in the specified time frame"};
  const bool told = std::ranges::any_of(kTexts, [&](std::string_view text) {
    return error.message.find(text) != error.message.npos;
  });
  return told || error.code == "ExpiredToken";
}

ErrorCode code_of(const net::Outcome& outcome, Condition condition) {
  const net::ServiceError& error = *outcome.error;
  if (has_expired(error)) return ErrorCode::unauthenticated;
  if (error.code == "InvalidRangeResponse" || error.code == "ChecksumMismatch") {
    return ErrorCode::corrupt;
  }
  if (error.code == "PreconditionFailed") return ErrorCode::precondition_failed;
  switch (const int status = outcome.response.status) {
    case 404:
    case 410:
      return condition == Condition::same ? ErrorCode::precondition_failed : ErrorCode::not_found;
    case 409:
      return ErrorCode::not_found;  // RFC 4918 section 9.7.1: a folder above is missing
    case 423:
      return ErrorCode::permission_denied;
    default:
      return net::under(condition, net::code_by_status(status));
  }
}

std::string hint_of(const net::Outcome& outcome, bool has_secrets) {
  if (has_expired(*outcome.error)) return "the signed URL has run out: have a new one made";
  switch (outcome.response.status) {
    case 401:
      return has_secrets ? "the server does not take the credentials in WebOptions"
                         : "give a token, or user name and password, in WebOptions";
    case 403:
      return "the file may need credentials (WebOptions, or a signed URL), or the server shows no "
             "folders";
    case 405:
    case 501:
      return "most web servers can only be read from; one with WebDAV takes files, too";
    case 409:
      return "make the folder first, where the server does not do it by itself";
    default:
      return {};
  }
}

}  // namespace

net::ErrorRules error_rules(const Site& site) {
  const std::string origin = site.root.with_query({}).string();
  const bool has_secrets = site.secrets.size() != 0;
  return {
      .where = origin,
      .sources = "the URL",
      .https = site.root.scheme() == "https",
      .code_of = &code_of,
      .hint_of =
          [has_secrets](const net::Outcome& outcome) { return hint_of(outcome, has_secrets); },
      .url_of = [shown = Site{.root = site.root}](const Path& path) { return shown.shown(path); }};
}

}  // namespace cairn::vfs::http
