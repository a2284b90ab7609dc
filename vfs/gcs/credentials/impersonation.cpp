// Tokens of a service account for somebody who may act as it.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
#include <algorithm>

#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr std::string_view kBefore = "/serviceAccounts/";
constexpr std::string_view kAfter = ":generateAccessToken";

}  // namespace

std::string account_of(const Impersonation& impersonation) {
  const std::string& url = impersonation.url;
  const std::size_t start = url.rfind(kBefore);
  if (start == url.npos || !url.ends_with(kAfter)) return {};
  const std::size_t begin = start + kBefore.size();
  return url.substr(begin, url.size() - kAfter.size() - begin);
}

Impersonation parse_impersonation(const CredentialInputs& inputs, const Document& document) {
  Impersonation result{.url =
                           document.service_url(inputs, "service_account_impersonation_url", {})};
  if (account_of(result).empty()) {
    throw net::CredentialError(
        fmt::format("the \"service_account_impersonation_url\" of {} names no service account",
                    document.place),
        "it ends in /serviceAccounts/E-MAIL:generateAccessToken");
  }
  const auto delegates = document.json.find("delegates");
  if (delegates == document.json.end() || delegates->is_null()) return result;
  const auto is_text = [](const nlohmann::json& value) { return value.is_string(); };
  if (!delegates->is_array() || !std::ranges::all_of(*delegates, is_text)) {
    throw net::CredentialError(
        fmt::format("the \"delegates\" of {} are no list of texts", document.place));
  }
  result.delegates = delegates->get<std::vector<std::string>>();
  return result;
}

Credentials impersonate(const CredentialInputs& inputs, const Impersonation& impersonation,
                        const Credentials& source) {
  const std::string account = account_of(impersonation);
  const nlohmann::json body{{"delegates", impersonation.delegates},
                            {"scope", {kPlatformScope}},
                            {"lifetime", fmt::format("{}s", impersonation.lifetime.count())}};
  const net::Outcome outcome = ask_for_json(inputs, {.operation = "impersonate",
                                                     .request = json_request(body, source.token),
                                                     .url = impersonation.url});
  if (!outcome.ok()) {
    throw net::CredentialError(
        fmt::format("{} gives no access token: {}", account, net::describe(outcome)),
        hint_of(outcome,
                "these credentials need the role Service Account Token Creator on it, and its "
                "project the IAM Service Account Credentials API"));
  }
  const auto answer = net::parse_json_object(outcome.response.body);
  Credentials credentials{.token = answer ? net::json_text(*answer, "accessToken") : "",
                          .account = account};
  if (credentials.token.empty()) {
    throw net::CredentialError(
        fmt::format("{} gives no access token: the answer holds none", account));
  }
  credentials.expires = net::parse_iso8601(net::json_text(*answer, "expireTime"));
  return credentials;
}

Credentials from_impersonated_account(const CredentialInputs& inputs, const Document& document) {
  const Impersonation impersonation = parse_impersonation(inputs, document);
  const Credentials source =
      from_document(inputs, document.member("source_credentials"), kPlatformScope);
  return impersonate(inputs, impersonation, source);
}

}  // namespace cairn::vfs::gcs
