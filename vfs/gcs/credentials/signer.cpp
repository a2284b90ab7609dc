// Who signs URLs: an HMAC key, our service account's own key, or IAM in the account's name.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
#include <fmt/format.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/gcs/credentials/places.hpp"
#include "vfs/gcs/sign.hpp"
#include "vfs/net/json.hpp"

namespace cairn::vfs::gcs {
namespace {

std::vector<std::byte> sign_blob(const CredentialInputs& inputs, const Credentials& credentials,
                                 const std::string& text) {
  const nlohmann::json body{{"payload", crypto::base64(as_bytes(text))}};
  const net::Outcome outcome = ask_for_json(
      inputs,
      {.operation = "sign_blob",
       .request = json_request(body, credentials.token),
       .url = fmt::format("https://iamcredentials.{}/v1/projects/-/serviceAccounts/{}:signBlob",
                          credentials.universe, credentials.account)});
  if (!outcome.ok()) {
    throw net::CredentialError(
        fmt::format("IAM does not sign for {}: {}", credentials.account, net::describe(outcome)),
        hint_of(outcome,
                "the account needs the role Service Account Token Creator on itself, and its "
                "project the IAM Service Account Credentials API"));
  }
  const auto answer = net::parse_json_object(outcome.response.body);
  auto signature =
      answer ? crypto::parse_base64(net::json_text(*answer, "signedBlob")) : std::nullopt;
  if (!signature || signature->empty()) {
    throw net::CredentialError(fmt::format(
        "IAM does not sign for {}: the answer holds no signature", credentials.account));
  }
  return *std::move(signature);
}

}  // namespace

UrlSigner find_signer(const Services& services, const CallOptions& call, CredentialCache& cache) {
  const GcsOptions& options = services.config.gcs;
  if (!options.hmac_access_id.empty() && !options.hmac_secret.empty()) {
    return hmac_signer(options.hmac_access_id, options.hmac_secret);
  }
  Credentials credentials = *cache.get(call);
  if (credentials.key) return rsa_signer(credentials.account, credentials.key);
  const CredentialInputs inputs{
      .services = services, .variables = Variables(services.config.environment), .call = call};
  if (credentials.kind == "metadata") credentials.account = metadata_account(inputs);
  if (credentials.account.empty()) {
    throw net::CredentialError(
        fmt::format("credentials of the kind {} can't sign a URL", credentials.kind),
        "use a service account (its key, or `gcloud auth application-default login "
        "--impersonate-service-account`), or GcsOptions::hmac_access_id with hmac_secret");
  }
  std::string account = credentials.account;
  return {.algorithm = "GOOG4-RSA-SHA256",
          .id = std::move(account),
          .sign = [services, call, credentials = std::move(credentials)](const std::string& text,
                                                                         TimePoint) {
            const CredentialInputs own{.services = services,
                                       .variables = Variables(services.config.environment),
                                       .call = call};
            return sign_blob(own, credentials, text);
          }};
}

}  // namespace cairn::vfs::gcs
