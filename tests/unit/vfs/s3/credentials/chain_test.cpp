#include "tests/unit/vfs/s3/credentials/machine.hpp"

using namespace cairn;
using test::contains;
using test::Machine;

namespace {

const std::string kKeys = "aws_secret_access_key = s\naws_session_token = t\n";

void set_keys(Machine& machine) {
  machine.set("AWS_ACCESS_KEY_ID", "environment");
  machine.set("AWS_SECRET_ACCESS_KEY", "s");
}

}  // namespace

TEST_CASE("credentials are looked for in AWS's order", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_EC2_METADATA_DISABLED", "true");
  machine.config("[default]\naws_access_key_id = config\n" + kKeys);
  CHECK(machine.find().access_key_id == "config");
  machine.keys("[default]\naws_access_key_id = keys\n" + kKeys);
  CHECK(machine.find().access_key_id == "keys");
  CHECK(machine.find().session_token.reveal() == "t");
  set_keys(machine);
  CHECK(machine.find().access_key_id == "environment");
  CHECK(machine.find({.access_key_id = "options", .secret_access_key = "s"}).access_key_id ==
        "options");
  CHECK(machine.find({.profile = "default"}).access_key_id == "keys");
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("half a pair of keys in the environment is none", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_ACCESS_KEY_ID", "environment");
  machine.keys("[default]\naws_access_key_id = keys\n" + kKeys);
  CHECK(machine.find().access_key_id == "keys");
}

TEST_CASE("a search for credentials without success says where it looked", "[s3][credentials]") {
  Machine machine;
  const std::string path = machine.config("[profile p]\nregion = x\n");
  machine.set("AWS_PROFILE", "p");

  const std::string text = machine.failure();

  CHECK(contains(text, "S3Options (no access_key_id with secret_access_key)"));
  CHECK(contains(text, "the environment (AWS_ACCESS_KEY_ID not set)"));
  CHECK(contains(text, "web identity (AWS_WEB_IDENTITY_TOKEN_FILE not set)"));
  CHECK(contains(text, "credentials [p] (no such file)"));
  CHECK(contains(text, path + " [profile p] (no keys)"));
  CHECK(contains(text, "container (AWS_CONTAINER_CREDENTIALS_FULL_URI not set)"));
  CHECK(contains(text, "instance metadata (no answer)"));
  CHECK(contains(text, "set AWS_ACCESS_KEY_ID"));
}

TEST_CASE("a profile that somebody names has to be there", "[s3][credentials]") {
  Machine machine;
  machine.config("[default]\naws_access_key_id = config\n" + kKeys);
  const auto check = [&](const std::string& text) {
    CHECK(contains(text, "there is no profile \"gone\", neither in "));
    CHECK(contains(text, ".aws/config nor in "));
    CHECK(contains(text, "AWS_PROFILE"));
  };
  check(machine.failure({.profile = "gone"}));
  machine.set("AWS_PROFILE", "gone");
  check(machine.failure());
  set_keys(machine);
  CHECK(machine.find().access_key_id == "environment");
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("a named profile that holds no more than a region leaves the machine's own credentials",
          "[s3][credentials]") {
  Machine machine;
  machine.config("[profile p]\nregion = eu-west-3\n");
  set_keys(machine);
  machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/c");
  machine.answer(
      "127.0.0.1/c",
      {.body =
           R"({"AccessKeyId":"CONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"2026-02-12T06:00:00Z"})"});
  CHECK(machine.find({.profile = "p"}).access_key_id == "CONTAINER");
}

TEST_CASE("a profile's role goes before web identity, web identity before the profile's keys",
          "[s3][credentials]") {
  // As in botocore's create_credential_resolver.
  Machine machine;
  machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", machine.file("token", "jwt"));
  machine.set("AWS_ROLE_ARN", "arn:web");
  machine.answer("sts.", [](const vfs::net::Request& request) -> test::Answer {
    const bool web = contains(test::text_of(request.body), "Action=AssumeRoleWithWebIdentity&");
    const std::string action = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    return {.body = "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" +
                    action +
                    "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                    "</SessionToken><Expiration>2026-02-12T01:00:00Z</Expiration></Credentials></" +
                    action + "Result></" + action + "Response>"};
  });

  machine.keys("[default]\naws_access_key_id = keys\n" + kKeys);
  CHECK(machine.find().access_key_id == "AssumeRoleWithWebIdentity");
  machine.config("[default]\nrole_arn = arn:profile\nsource_profile = default\n");
  CHECK(machine.find().access_key_id == "AssumeRole");
}

TEST_CASE("the stores of one Context share what was found", "[s3][credentials]") {
  Machine machine;
  set_keys(machine);
  vfs::Services services = machine.services();
  services.shared = std::make_shared<vfs::Shared>();
  CHECK(vfs::s3::shared_credentials(services) == vfs::s3::shared_credentials(services));
}
