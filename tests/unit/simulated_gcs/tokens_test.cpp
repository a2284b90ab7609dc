// Where tokens come from, by Google's pages on each service.
#include "tests/support/simulated_gcs/tokens.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rsa_key.hpp"
#include "tests/support/simulated/digests.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

constexpr const char* kRobot = "robot@project.iam.gserviceaccount.com";
constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kScope = "https://www.googleapis.com/auth/cloud-platform";
constexpr const char* kGenerate =
    "/v1/projects/-/serviceAccounts/robot%40project.iam.gserviceaccount.com:generateAccessToken";

struct Tokens {
  Tokens() { authority.add_account(kRobot, rsa_key_pair().pem(KeyForm::public_only)); }

  sim::Reply send(const std::string& method, const std::string& target, const Headers& headers,
                  std::string_view body = {}) {
    const auto reply =
        service.handle(make_request(method, "https://host" + target, headers, body), now);
    return reply.value_or(sim::Reply{.status = 0});
  }
  sim::Reply post(const std::string& target, std::string_view body) {
    return send("POST", target, {{"Content-Type", kForm}}, body);
  }
  /// Of an access token that somebody holds.
  bool is_good(const std::string& token) const {
    return authority.standing(token, now) == sim::gcs::Authority::Standing::good;
  }
  sim::Reply assertion(const Json& changes) {
    const auto issued = std::chrono::system_clock::to_time_t(now);
    Json claims{{"iss", kRobot},
                {"scope", kScope},
                {"aud", "https://oauth2.googleapis.com/token"},
                {"iat", issued},
                {"exp", issued + 3600}};
    claims.update(changes);
    return post("/token",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
                "&assertion=" +
                    signed_jwt(claims));
  }

  sim::gcs::Authority authority{};
  sim::gcs::TokenService service{authority};
  sim::TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 2 / 12}};
};

TEST_CASE("an assertion is exchanged for an access token", "[simulated_gcs]") {
  Tokens tokens;

  const auto reply = tokens.assertion(Json::object());

  CHECK(reply.status == 200);
  CHECK(json_of(reply)["token_type"] == "Bearer");
  CHECK(json_of(reply)["expires_in"] == 3600);
  CHECK(tokens.is_good(json_of(reply)["access_token"]));
}

TEST_CASE("an assertion that does not fit is an invalid_grant", "[simulated_gcs]") {
  Tokens tokens;
  const auto error_of = [&](const Json& changes) {
    const auto reply = tokens.assertion(changes);
    return std::to_string(reply.status) + " " + json_of(reply).value("error", "");
  };

  CHECK(error_of({{"aud", "https://elsewhere/token"}}) == "400 invalid_grant");
  CHECK(error_of({{"iss", "other@project.iam.gserviceaccount.com"}}) == "400 invalid_grant");
  CHECK(error_of({{"exp", 1}}) == "400 invalid_grant");
  CHECK(error_of({{"scope", ""}}) == "400 invalid_scope");
  CHECK(tokens.service.issued() == 0);
}

TEST_CASE("a refresh token of the right client is exchanged", "[simulated_gcs]") {
  Tokens tokens;
  const std::string client = "grant_type=refresh_token&client_id=1234.apps.googleusercontent.com";
  const auto post = [&](const std::string& more) { return tokens.post("/token", client + more); };

  const auto good =
      post("&client_secret=simulated-client-secret&refresh_token=1%2F%2Fsimulated-refresh");
  const auto revoked = post("&client_secret=simulated-client-secret&refresh_token=old");
  const auto wrong = post("&client_secret=wrong&refresh_token=1%2F%2Fsimulated-refresh");

  CHECK(tokens.is_good(json_of(good)["access_token"]));
  CHECK(json_of(revoked)["error"] == "invalid_grant");
  CHECK(wrong.status == 401);
  CHECK(json_of(wrong)["error"] == "invalid_client");
}

TEST_CASE("the token of another identity provider is exchanged", "[simulated_gcs]") {
  Tokens tokens;
  const auto exchange = [&](const std::string& audience, const std::string& subject) {
    return tokens.post(
        "/v1/token",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=" +
            sim::encode(audience) + "&scope=" + sim::encode(kScope) +
            "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&subject_token=" +
            subject);
  };
  const std::string audience = tokens.service.options().audience;

  const auto good = exchange(audience, "simulated-subject");

  CHECK(json_of(good)["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token");
  CHECK(tokens.is_good(json_of(good)["access_token"]));
  CHECK(json_of(exchange(audience, "other"))["error"] == "invalid_grant");
  CHECK(json_of(exchange("//elsewhere", "simulated-subject"))["error"] == "invalid_target");
}

TEST_CASE("a token of the one gives a token of the other account", "[simulated_gcs]") {
  Tokens tokens;
  tokens.authority.trust("mine");
  const Headers mine{{"Authorization", "Bearer mine"}};
  const std::string body = Json{{"scope", {kScope}}, {"lifetime", "3600s"}}.dump();

  const auto reply = tokens.send("POST", kGenerate, mine, body);

  CHECK(reply.status == 200);
  CHECK(json_of(reply)["expireTime"] == "2026-02-12T01:00:00Z");
  CHECK(tokens.is_good(json_of(reply)["accessToken"]));
  CHECK(tokens.send("POST", kGenerate, {{"Authorization", "Bearer other"}}, body).status == 401);
}

TEST_CASE("an account that may not be impersonated is denied", "[simulated_gcs]") {
  Tokens tokens;
  tokens.authority.trust("mine");

  const auto reply =
      tokens.send("POST",
                  "/v1/projects/-/serviceAccounts/other@project.iam.gserviceaccount.com"
                  ":generateAccessToken",
                  {{"Authorization", "Bearer mine"}}, "{}");

  CHECK(reply.status == 403);
  CHECK(json_of(reply)["error"]["status"] == "PERMISSION_DENIED");
}

TEST_CASE("IAM signs for an account whose key Google holds", "[simulated_gcs]") {
  Tokens tokens;
  tokens.authority.trust("mine");
  tokens.service.options().sign = [](std::string_view text) { return rsa_key_pair().sign(text); };

  const auto reply = tokens.send(
      "POST", "/v1/projects/-/serviceAccounts/robot@project.iam.gserviceaccount.com:signBlob",
      {{"Authorization", "Bearer mine"}}, R"({"payload":"aGVsbG8="})");

  const auto signature = sim::from_base64(json_of(reply)["signedBlob"].get<std::string>());
  REQUIRE(signature);
  CHECK(rsa_key_pair().verifies("hello", *signature));
}

TEST_CASE("the metadata server gives a token to who shows its header", "[simulated_gcs]") {
  Tokens tokens;
  const std::string target = "/computeMetadata/v1/instance/service-accounts/default/token";

  const auto reply = tokens.send("GET", target, {{"Metadata-Flavor", "Google"}});

  CHECK(header_of(reply, "Metadata-Flavor") == "Google");
  CHECK(tokens.is_good(json_of(reply)["access_token"]));
  CHECK(tokens.send("GET", target, {}).status == 403);
  CHECK(tokens.service.violations().size() == 1);
}

TEST_CASE("the metadata server knows the account and the project", "[simulated_gcs]") {
  Tokens tokens;
  const Headers flavor{{"Metadata-Flavor", "Google"}};
  const std::string root = "/computeMetadata/v1/";

  CHECK(tokens.send("GET", root + "instance/service-accounts/default/email", flavor).body ==
        kRobot);
  CHECK(tokens.send("GET", root + "project/project-id", flavor).body == "project");
  tokens.service.options().account.clear();
  CHECK(tokens.send("GET", root + "instance/service-accounts/default/token", flavor).status == 404);
}

TEST_CASE("a form with unknown fields or another type is written down", "[simulated_gcs]") {
  Tokens tokens;

  CHECK(tokens.post("/token", "grant_type=refresh_token&colour=blue").status == 400);
  CHECK(tokens.send("POST", "/token", {{"Content-Type", "application/json"}}, "{}").status == 400);
  CHECK(tokens.service.violations().size() == 2);
}

TEST_CASE("other paths are not the token service's", "[simulated_gcs]") {
  Tokens tokens;

  CHECK(tokens.send("GET", "/storage/v1/b/bkt", {}).status == 0);
}

}  // namespace
