#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using nlohmann::json;
using test::contains;
using test::GoogleMachine;

TEST_CASE("a user's refresh token buys an access token", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  machine.answer("", test::token_answer("ya29.access", 3599));

  const auto found = machine.find();

  CHECK(found.token.reveal() == "ya29.access");
  CHECK(found.kind == "authorized_user");
  CHECK(*found.expires - machine.clock->now() == 3599s);
  CHECK(found.account.empty());
  const auto request = machine.transport->requests().at(0);
  CHECK(request.url == "https://oauth2.googleapis.com/token");
  // RFC 6749 section 6
  CHECK(test::posted_form(request) ==
        std::map<std::string, std::string>{{"grant_type", "refresh_token"},
                                           {"refresh_token", "1//refresh"},
                                           {"client_id", "id.apps.googleusercontent.com"},
                                           {"client_secret", "client&secret"}});
}

TEST_CASE("a login that has run out is an error that says how to log in again",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string path = machine.credentials(test::authorized_user());
  machine.answer("", test::refusal("invalid_grant", "Token has been expired or revoked."));
  const std::string text = machine.failure();
  CHECK(
      contains(text, "the login of " + path + " gives no access token: 400 invalid_grant: Token"));
  CHECK(contains(text, "gcloud auth application-default login"));
}

TEST_CASE("a token endpoint that can't be reached is not called a refusal", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  const std::string text = machine.failure();
  CHECK(contains(text, "can't be reached from here"));
  CHECK_FALSE(contains(text, "revoked"));
  CHECK(machine.transport->requests().size() == 3);
}

TEST_CASE("a token endpoint that is busy is asked again", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  int left = 2;
  machine.answer("", [&left](const vfs::net::Request&) -> test::Answer {
    return left-- > 0 ? test::Answer{.status = 503} : test::token_answer("late");
  });
  CHECK(machine.find().token.reveal() == "late");
}

TEST_CASE("a token endpoint whose answer is no JSON is asked again", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  int left = 2;
  machine.answer("", [&left](const vfs::net::Request&) -> test::Answer {
    return left-- > 0 ? test::Answer{.body = "<html>a gateway's page"} : test::token_answer("late");
  });
  CHECK(machine.find().token.reveal() == "late");
}

TEST_CASE("an answer of a token endpoint has to hold a token", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  std::string body;
  machine.answer("", [&body](const vfs::net::Request&) -> test::Answer { return {.body = body}; });
  for (const char* text : {R"({"access_token":7})", R"({"expires_in":1})"}) {
    body = text;
    CHECK(contains(machine.failure(), "the answer holds none"));
  }
  for (const char* text : {"", "no JSON"}) {
    body = text;
    CHECK(contains(machine.failure(), "the answer is no JSON object"));
  }
  body = R"({"access_token":"t","expires_in":"600"})";  // which some send as a text
  CHECK(*machine.find().expires - machine.clock->now() == 600s);
  body = R"({"access_token":"t"})";
  CHECK_FALSE(machine.find().expires);
}

TEST_CASE("a user of a workforce pool refreshes at the token service, as a client",
          "[gcs][credentials]") {
  // https://cloud.google.com/iam/docs/workforce-sign-in-using-browser
  GoogleMachine machine;
  machine.credentials({{"type", "external_account_authorized_user"},
                       {"audience", "//iam.googleapis.com/locations/global/workforcePools/w/p"},
                       {"client_id", "Aladdin"},
                       {"client_secret", "open sesame"},
                       {"refresh_token", "workforce"},
                       {"token_url", "https://sts.googleapis.com/v1/oauthtoken"}});
  machine.answer("", test::token_answer("workforce-access"));

  CHECK(machine.find().token.reveal() == "workforce-access");

  const auto request = machine.transport->requests().at(0);
  CHECK(request.url == "https://sts.googleapis.com/v1/oauthtoken");
  // RFC 7617 section 2
  CHECK(request.headers.get("authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(test::posted_form(request) ==
        std::map<std::string, std::string>{{"grant_type", "refresh_token"},
                                           {"refresh_token", "workforce"}});
}
