#include "tests/unit/vfs/s3/credentials/machine.hpp"

using namespace cairn;
using test::contains;
using test::Machine;
using test::text_of;

namespace {

// python: hashlib.sha1(b"work").hexdigest()
const std::string kToken = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";

void add_session(Machine& machine) {
  machine.config(
      "[default]\nsso_session = work\nsso_account_id = 123\nsso_role_name = train er\n"
      "[sso-session work]\nsso_region = eu-west-3\n"
      "sso_start_url = https://work.awsapps.com/start\n");
  machine.answer(
      "/federation/credentials",
      {.body =
           R"({"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":1770861600000}})"});
}

std::string token(const std::string& expires, const std::string& more = "") {
  return R"({"accessToken":"access-1","expiresAt":")" + expires + "\"" + more + "}";
}

}  // namespace

TEST_CASE("the token of a login buys the keys of a role", "[s3][credentials]") {
  Machine machine;
  add_session(machine);
  machine.file(kToken, token("2026-02-12T06:00:00Z"));

  const auto found = machine.find();

  CHECK(found.access_key_id == "ASIASSO");
  // date -u -d @1770861600: 2026-02-12 02:00:00
  CHECK(*found.expires - machine.clock->now() == std::chrono::hours{2});
  const auto request = machine.transport->requests().at(0);
  CHECK(request.url ==
        "https://portal.sso.eu-west-3.amazonaws.com/federation/credentials?role_name=train%20er"
        "&account_id=123");
  CHECK(request.headers.get("x-amz-sso_bearer_token") == "access-1");
}

TEST_CASE("a token that has run out is renewed, and kept for others", "[s3][credentials]") {
  Machine machine;
  add_session(machine);
  machine.file(kToken, token("2026-02-11T23:00:00Z",
                             R"(,"refreshToken":"refresh-1","clientId":"id","clientSecret":"cs")"));
  machine.answer(
      "oidc.eu-west-3.amazonaws.com/token",
      {.body = R"({"accessToken":"access-2","expiresIn":3600,"refreshToken":"refresh-2"})"});

  CHECK(machine.find().access_key_id == "ASIASSO");
  CHECK(machine.find().access_key_id == "ASIASSO");

  const auto requests = machine.transport->requests();
  REQUIRE(requests.size() == 3);
  CHECK(
      text_of(requests[0].body) ==
      R"({"clientId":"id","clientSecret":"cs","grantType":"refresh_token","refreshToken":"refresh-1"})");
  CHECK(requests[1].headers.get("x-amz-sso_bearer_token") == "access-2");
  CHECK(requests[2].headers.get("x-amz-sso_bearer_token") == "access-2");
}

TEST_CASE("without a login, or after its end, the error says how to log in", "[s3][credentials]") {
  Machine machine;
  add_session(machine);
  CHECK(contains(machine.failure(), "nobody has logged in to https://work.awsapps.com/start"));
  CHECK(contains(machine.failure(), "run: aws sso login --profile default"));
  machine.file(kToken, token("2026-02-11T23:00:00Z"));
  CHECK(contains(machine.failure(), "has expired"));
}

TEST_CASE("a lifetime that makes no sense is taken for none", "[s3][credentials]") {
  for (const std::string lifetime : {"\"soon\"", "-1", "1e300", "9223372036854775807", "null"}) {
    Machine machine;
    add_session(machine);
    machine.file(kToken,
                 token("2026-02-11T23:00:00Z",
                       R"(,"refreshToken":"refresh-1","clientId":"id","clientSecret":"cs")"));
    machine.answer("oidc.eu-west-3.amazonaws.com/token",
                   {.body = R"({"accessToken":"access-2","expiresIn":)" + lifetime + "}"});
    CHECK(machine.find().access_key_id == "ASIASSO");
  }
}

TEST_CASE("an end that makes no sense is an error", "[s3][credentials]") {
  for (const std::string end : {"-1", "1e300", "9223372036854775807", "[]"}) {
    Machine machine;
    machine.answer(
        "/federation/credentials",
        {.body =
             R"({"roleCredentials":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiration":)" +
             end + "}}"});
    add_session(machine);
    machine.file(kToken, token("2026-02-12T06:00:00Z"));
    CHECK(contains(machine.failure(), "gave an expiration that is no time"));
  }
}

TEST_CASE("a login that has no such role is an error", "[s3][credentials]") {
  Machine machine;
  machine.answer(
      "/federation/credentials",
      {.status = 403, .body = R"({"__type":"ForbiddenException","message":"No access"})"});
  add_session(machine);
  machine.file(kToken, token("2026-02-12T06:00:00Z"));
  const std::string text = machine.failure();
  CHECK(contains(text, "403 ForbiddenException: No access"));
  CHECK_FALSE(contains(text, "access-1"));
}

TEST_CASE("a profile that describes its login badly is an error", "[s3][credentials]") {
  Machine machine;
  machine.config("[default]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r\n");
  CHECK(contains(machine.failure(), "names the sso-session \"gone\""));
  machine.config("[default]\nsso_start_url = https://x\nsso_region = eu-west-3\n");
  CHECK(contains(machine.failure(), "lacks sso_account_id"));
}
