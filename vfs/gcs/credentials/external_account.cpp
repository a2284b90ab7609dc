// Workload and workforce identity federation: the token of another identity provider buys one of
// Google's. https://google.aip.dev/auth/4117 and
// https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
#include <algorithm>

#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"

namespace cairn::vfs::gcs {
namespace {

/// The bounds of generateAccessToken without an organization policy that says otherwise.
constexpr std::chrono::seconds kShortest{600};
constexpr std::chrono::seconds kLongest{43'200};

/// The project that a workforce pool's user works for, unless a client stands for it.
std::string options_of(const Document& document) {
  const std::string project = document.text("workforce_pool_user_project");
  if (project.empty() || !document.text("client_id").empty()) return {};
  return nlohmann::json{{"userProject", project}}.dump();
}

Credentials exchange(const CredentialInputs& inputs, const Document& document) {
  const std::string audience = document.require("audience");
  const std::string url = document.service_url(
      inputs, "token_url", fmt::format("https://sts.{}/v1/token", document.universe()));
  const Secret subject = subject_token(inputs, document);
  net::Question question{
      .operation = "exchange_token",
      .request = net::form_request(
          {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
           {"audience", audience},
           {"scope", kPlatformScope},
           {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
           {"subject_token_type", document.require("subject_token_type")},
           {"subject_token", subject.reveal()},
           {"options", options_of(document)}}),
      .url = url};
  if (const std::string id = document.text("client_id"); !id.empty()) {
    question.request.headers.set("authorization",
                                 basic_authorization(id, document.text("client_secret")));
  }
  return parse_token(
      inputs, ask_for_json(inputs, std::move(question)),
      {.what = fmt::format("the identity of {}", document.place),
       .hint = fmt::format("does the provider {} accept this token (issuer, audience, "
                           "condition)?",
                           audience)});
}

}  // namespace

Credentials from_external_account(const CredentialInputs& inputs, const Document& document) {
  if (document.text("service_account_impersonation_url").empty()) return exchange(inputs, document);
  Impersonation impersonation = parse_impersonation(inputs, document);
  if (document.has("service_account_impersonation")) {
    const Document options = document.member("service_account_impersonation");
    const auto lifetime = seconds_of(options.json, "token_lifetime_seconds");
    impersonation.lifetime =
        std::clamp(lifetime.value_or(impersonation.lifetime), kShortest, kLongest);
  }
  return impersonate(inputs, impersonation, exchange(inputs, document));
}

}  // namespace cairn::vfs::gcs
