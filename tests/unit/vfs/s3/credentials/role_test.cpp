#include "tests/unit/vfs/s3/credentials/machine.hpp"

using namespace cairn;
using test::Answer;
using test::contains;
using test::Machine;
using test::text_of;

namespace {

const std::string kRole = "arn:aws:iam::123456789012:role/train";

/// As in the example of the STS API reference.
Answer sts_answer(const std::string& action, const std::string& id = "ASIAROLE") {
  return {.body = "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" +
                  action + "Result><Credentials><AccessKeyId>" + id +
                  "</AccessKeyId><SecretAccessKey>rs</SecretAccessKey><SessionToken>rt"
                  "</SessionToken><Expiration>2026-02-12T01:00:00Z</Expiration></Credentials></" +
                  action + "Result></" + action + "Response>"};
}

const std::string kSource =
    "[source]\naws_access_key_id = AKIDSOURCE\naws_secret_access_key = source+secret/key\n";

}  // namespace

TEST_CASE("a role is assumed with the keys of its source profile, signed as botocore signs",
          "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config("[default]\nregion = eu-west-3\nrole_arn = " + kRole +
                 "\nsource_profile = source\nrole_session_name = night\nduration_seconds = 900\n"
                 "external_id = e/x\n");
  machine.answer("sts.", sts_answer("AssumeRole"));

  const auto found = machine.find();

  CHECK(found.access_key_id == "ASIAROLE");
  CHECK(found.secret_access_key.reveal() == "rs");
  CHECK(found.session_token.reveal() == "rt");
  CHECK(*found.expires - machine.clock->now() == std::chrono::hours{1});
  const auto request = machine.transport->requests().at(0);
  CHECK(request.url == "https://sts.eu-west-3.amazonaws.com/");
  CHECK(text_of(request.body) ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F"
        "train&RoleSessionName=night&DurationSeconds=900&ExternalId=e%2Fx");
  // botocore 1.43: SigV4Auth(…, "sts", "eu-west-3").add_auth of this request at this time
  CHECK(request.headers.get("authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDSOURCE/20260212/eu-west-3/sts/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=60d872555b9f9ddfd9fe282aba048d2d0cff7a1d4a48c2bc724ddede57322839");
}

TEST_CASE("a role may be assumed with another role", "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config(
      "[default]\nrole_arn = arn:2\nsource_profile = middle\n"
      "[profile middle]\nrole_arn = arn:1\nsource_profile = source\n");
  machine.answer("sts.", [](const vfs::net::Request& request) {
    return sts_answer("AssumeRole", contains(text_of(request.body), "arn%3A1") ? "ONE" : "TWO");
  });

  CHECK(machine.find().access_key_id == "TWO");
  const auto requests = machine.transport->requests();
  REQUIRE(requests.size() == 2);
  CHECK(contains(requests[0].headers.get("authorization"), "Credential=AKIDSOURCE/"));
  CHECK(contains(requests[1].headers.get("authorization"), "Credential=ONE/"));
  CHECK(requests[1].headers.get("x-amz-security-token") == "rt");
}

TEST_CASE("profiles that take their credentials from each other are found out",
          "[s3][credentials]") {
  Machine machine;
  machine.config(
      "[default]\nrole_arn = arn:2\nsource_profile = other\n"
      "[profile other]\nrole_arn = arn:1\nsource_profile = default\n");
  CHECK(contains(machine.failure(), "take their credentials from each other"));
}

TEST_CASE("a profile may assume a role with its own keys, or with the environment's",
          "[s3][credentials]") {
  Machine machine;
  machine.answer("sts.", sts_answer("AssumeRole"));
  SECTION("its own") {
    machine.config(
        "[profile p]\nrole_arn = arn:1\nsource_profile = p\naws_access_key_id = OWN\n"
        "aws_secret_access_key = s\n");
  }
  SECTION("the environment's") {
    machine.config("[profile p]\nrole_arn = arn:1\ncredential_source = Environment\n");
    machine.set("AWS_ACCESS_KEY_ID", "OWN");
    machine.set("AWS_SECRET_ACCESS_KEY", "s");
  }
  CHECK(machine.find({.profile = "p"}).access_key_id == "ASIAROLE");
  CHECK(contains(machine.transport->requests().at(0).headers.get("authorization"),
                 "Credential=OWN/"));
}

TEST_CASE("a role that may not be assumed is an error, and nothing else is tried",
          "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config("[default]\nrole_arn = " + kRole +
                 "\nsource_profile = source\naws_access_key_id = a\naws_secret_access_key = b\n");
  machine.answer("sts.", {.status = 403,
                          .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not "
                                  "authorized</Message></Error></ErrorResponse>"});

  const std::string text = machine.failure();

  CHECK(contains(text, "the role " + kRole + " could not be assumed: 403 AccessDenied: not auth"));
  CHECK(contains(text, "trust policy"));
  CHECK_FALSE(contains(text, "source+secret"));
}

TEST_CASE("a service that can't be reached is not called a refusal", "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config("[default]\nrole_arn = arn:1\nsource_profile = source\n");
  const std::string text = machine.failure();
  CHECK(contains(text, "the role arn:1 could not be assumed: scripted failure"));
  CHECK(contains(text, "can't be reached from here"));
  CHECK_FALSE(contains(text, "trust policy"));
}

TEST_CASE("STS tells a wrong clock in words of its own, and it is set right", "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config("[default]\nrole_arn = arn:1\nsource_profile = source\n");
  machine.answer("sts.", [](const vfs::net::Request& request) -> Answer {
    if (request.headers.get("x-amz-date") == "20260212T003000Z") return sts_answer("AssumeRole");
    return {.status = 403,
            .headers = {{"Date", "Thu, 12 Feb 2026 00:30:00 GMT"}},
            .body =
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature "
                "expired: 20260212T000000Z is now earlier than 20260212T001500Z "
                "(20260212T003000Z - 15 min.)</Message></Error></ErrorResponse>"};
  });
  CHECK(machine.find().access_key_id == "ASIAROLE");
  CHECK(machine.transport->requests().size() == 2);
}

TEST_CASE("a role is asked for again while the provider of its identity is out of reach",
          "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", machine.file("token", "jwt"));
  machine.set("AWS_ROLE_ARN", kRole);
  int left = 2;
  machine.answer("sts.", [&left](const vfs::net::Request&) -> Answer {
    if (left-- == 0) return sts_answer("AssumeRoleWithWebIdentity");
    return {.status = 400,
            .body =
                "<ErrorResponse><Error><Code>IDPCommunicationError</Code><Message>x"
                "</Message></Error></ErrorResponse>"};
  });
  CHECK(machine.find().access_key_id == "ASIAROLE");
}

TEST_CASE("what a service says at length is cut", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
  machine.answer(
      "127.0.0.1",
      {.status = 403, .body = R"({"code":"No","message":")" + std::string(100'000, 'x') + "\"}"});
  CHECK(machine.failure().size() < 1000);
}

TEST_CASE("what can't be done with a role is said", "[s3][credentials]") {
  Machine machine;
  const auto failure = [&](const std::string& lines) {
    machine.config("[default]\nrole_arn = arn:1\n" + lines);
    return machine.failure();
  };
  CHECK(contains(failure(""), "a role_arn and nothing to assume it with"));
  CHECK(contains(failure("source_profile = x\nmfa_serial = m\n"), "wants a code of the device m"));
  CHECK(contains(failure("source_profile = x\ncredential_source = Environment\n"), "leave one"));
  CHECK(contains(failure("credential_source = Magic\n"), "credential_source \"Magic\""));
  CHECK(contains(failure("source_profile = nobody\n"), "the profile \"nobody\" gives no cred"));
}

TEST_CASE("web identity sends the token that its file holds now, unsigned", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", machine.file("token", "first\n"));
  machine.set("AWS_ROLE_ARN", kRole);
  machine.set("AWS_ROLE_SESSION_NAME", "pod");
  machine.set("AWS_REGION", "eu-west-3");
  machine.answer("sts.", sts_answer("AssumeRoleWithWebIdentity"));

  CHECK(machine.find().access_key_id == "ASIAROLE");
  machine.file("token", "second");
  CHECK(machine.find().access_key_id == "ASIAROLE");

  const auto requests = machine.transport->requests();
  CHECK(text_of(requests.at(0).body) ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
        "123456789012%3Arole%2Ftrain&RoleSessionName=pod&WebIdentityToken=first");
  CHECK(contains(text_of(requests.at(1).body), "WebIdentityToken=second"));
  CHECK_FALSE(requests.at(0).headers.find("authorization"));
}

TEST_CASE("web identity can stand in a profile", "[s3][credentials]") {
  Machine machine;
  const std::string token = machine.file("token", "jwt");
  machine.config("[profile p]\nrole_arn = arn:1\nweb_identity_token_file = " + token + "\n");
  machine.answer("sts.", sts_answer("AssumeRoleWithWebIdentity"));
  CHECK(machine.find({.profile = "p"}).access_key_id == "ASIAROLE");
}

TEST_CASE("web identity without its role or its file is an error", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token");
  CHECK(contains(machine.failure(), "AWS_ROLE_ARN is not"));
  machine.set("AWS_ROLE_ARN", kRole);
  CHECK(contains(machine.failure(), "/nowhere/token can't be read or is empty"));
}

TEST_CASE("STS can be elsewhere, but not over plain http elsewhere", "[s3][credentials]") {
  Machine machine;
  machine.keys(kSource);
  machine.config("[default]\nrole_arn = arn:1\nsource_profile = source\n");
  machine.answer("/", sts_answer("AssumeRole"));
  machine.set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1234/");
  CHECK(machine.find().access_key_id == "ASIAROLE");
  CHECK(machine.transport->requests().at(0).url == "http://127.0.0.1:1234/");
  for (const std::string url : {"http://192.0.2.1/", "http://127.0.0.1:80@192.0.2.1/",
                                "http://192.0.2.1?.localhost", "http://192.0.2.1#.localhost"}) {
    machine.set("AWS_ENDPOINT_URL_STS", url);
    CHECK(contains(machine.failure(), "credentials would be asked for unencrypted at"));
  }
  CHECK(machine.transport->requests().size() == 1);
}
