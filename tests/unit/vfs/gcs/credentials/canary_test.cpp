#include <vector>

#include "tests/support/told.hpp"
#include "tests/unit/vfs/gcs/credentials/machine.hpp"
#include "vfs/gcs/sign.hpp"

namespace {

using namespace cairn;
using nlohmann::json;
using test::Answer;
using test::contains;
using test::GoogleMachine;
using test::Told;

constexpr std::string_view kMark = "CANARY";

/// A line from the middle of the private key, and of one that has lost its end.
std::string key_line() {
  const std::string pem = test::rsa_key_pair().pem();
  return pem.substr(pem.find('\n', 400) + 1, 64);
}

json user() {
  json document = test::authorized_user();
  document["refresh_token"] = "CANARY-refresh";
  document["client_secret"] = "CANARY-client";
  return document;
}

json broken_key() {
  json document = test::service_account();
  document["private_key"] = test::rsa_key_pair().pem().substr(0, 900);
  return document;
}

json external(const json& source) {
  return {{"type", "external_account"},
          {"audience", "a"},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"client_id", "id"},
          {"client_secret", "CANARY-client"},
          {"token_url", "https://sts.googleapis.com/v1/token"},
          {"service_account_impersonation_url",
           "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
           "me@p:generateAccessToken"},
          {"credential_source", source}};
}

std::vector<json> documents(GoogleMachine& machine) {
  const std::string token = machine.file("token", "CANARY-subject");
  return {test::service_account(),
          broken_key(),
          user(),
          external({{"file", token}}),
          external({{"url", "https://idp.example/?access_token=CANARY-query"},
                    {"headers", {{"authorization", "CANARY-header"}}}}),
          {{"type", "impersonated_service_account"},
           {"service_account_impersonation_url",
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            "me@p:generateAccessToken"},
           {"source_credentials", user()}}};
}

/// Finds credentials and signs a URL with them; what is thrown is told.
void use(const vfs::Services& services, Told& told) {
  try {
    const auto cache = vfs::gcs::shared_credentials(services);
    static_cast<void>(cache->get({}));
    static_cast<void>(vfs::gcs::sign_url({.bucket = "b", .object = "o"},
                                         vfs::gcs::find_signer(services, {}, *cache)));
  } catch (const vfs::net::CredentialError& error) {
    told.add(error.what());
    told.add(error.hint());
  }
}

}  // namespace

TEST_CASE("no secret of Google's credentials is in any error, event or line of the log",
          "[gcs][credentials][canary]") {
  const Answer answer =
      GENERATE(Answer{.body = R"({"access_token":"CANARY-access","accessToken":"CANARY-access",)"
                              R"("expires_in":3600,"expireTime":"2026-02-12T01:00:00Z"})"},
               test::refusal("invalid_grant", "no"), Answer{.body = "CANARY-nonsense"},
               Answer{.status = 401}, Answer{.status = 503},
               Answer{.failure = vfs::net::TransportFailure::connect});
  GoogleMachine machine;
  machine.answer("", answer);
  const auto told = std::make_shared<Told>();

  for (const bool exchange : {false, true}) {
    for (const json& document : documents(machine)) {
      machine.credentials(document);
      use(machine.ScriptedMachine::services(
              {.gcs = {.exchange_key = exchange},
               .observer = told,
               .log = [&](vfs::LogLevel, std::string_view line) { told->add(line); }}),
          *told);
    }
  }

  CHECK(told->texts().size() > 30);
  for (const std::string& text : told->texts()) {
    INFO(text);
    CHECK_FALSE(contains(text, kMark));
    CHECK_FALSE(contains(text, key_line()));
  }
}
