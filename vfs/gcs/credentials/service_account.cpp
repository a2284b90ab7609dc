// A service account's key: it signs its own access token, or buys one with what it signs.
// https://google.aip.dev/auth/4111 and
// https://developers.google.com/identity/protocols/oauth2/service-account
#include <fmt/format.h>

#include "vfs/crypto/rsa.hpp"
#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/json_web_token.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr std::chrono::hours kLifetime{1};  // the longest that Google takes

std::shared_ptr<const crypto::RsaKey> parse_key(const Document& document) {
  const Secret pem = document.require("private_key");
  try {
    return crypto::RsaKey::parse(pem);
  } catch (const crypto::RsaKeyError& error) {
    throw net::CredentialError(
        fmt::format("the \"private_key\" of {} is {}", document.place, error.what()),
        "make a new key of the service account (type JSON) and use the file as it is");
  }
}

std::int64_t seconds_since_1970(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Credentials from_service_account(const CredentialInputs& inputs, const Document& document,
                                 const char* scope) {
  const std::string account = document.require("client_email");
  const auto key = parse_key(document);
  const TimePoint now = inputs.now();
  nlohmann::json header = nlohmann::json::object();
  if (const std::string id = document.text("private_key_id"); !id.empty()) header["kid"] = id;
  nlohmann::json claims{{"iss", account},
                        {"scope", scope},
                        {"iat", seconds_since_1970(now)},
                        {"exp", seconds_since_1970(now + kLifetime)}};
  if (!inputs.services.config.gcs.exchange_key) {
    claims["sub"] = account;
    return {.token = net::sign_json_web_token(*key, std::move(header), claims),
            .expires = now + kLifetime,
            .account = account,
            .key = key};
  }
  const std::string url =
      document.service_url(inputs, "token_uri", "https://oauth2.googleapis.com/token");
  claims["aud"] = url;
  const Secret assertion = net::sign_json_web_token(*key, std::move(header), claims);
  net::Question question{
      .operation = "service_account_token",
      .request = net::form_request({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                    {"assertion", assertion.reveal()}}),
      .url = url};
  Credentials credentials =
      parse_token(inputs, ask_for_json(inputs, std::move(question)),
                  {.what = fmt::format("the key of {} in {}", account, document.place),
                   .hint = "was the key deleted or the account disabled? Is this machine's clock "
                           "right? See `gcloud iam service-accounts keys list`"});
  credentials.account = account;
  credentials.key = key;
  return credentials;
}

}  // namespace cairn::vfs::gcs
