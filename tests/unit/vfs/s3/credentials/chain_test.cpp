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
  const std::string path = machine.config("[profile other]\nregion = x\n");
  machine.set("AWS_PROFILE", "p");

  const std::string text = machine.failure();

  CHECK(contains(text, "S3Options (no access_key_id with secret_access_key)"));
  CHECK(contains(text, "the environment (AWS_ACCESS_KEY_ID not set)"));
  CHECK(contains(text, "web identity (AWS_WEB_IDENTITY_TOKEN_FILE not set)"));
  CHECK(contains(text, "credentials [p] (no such file)"));
  CHECK(contains(text, path + " [profile p] (no such profile)"));
  CHECK(contains(text, "container (AWS_CONTAINER_CREDENTIALS_FULL_URI not set)"));
  CHECK(contains(text, "instance metadata (no answer)"));
  CHECK(contains(text, "set AWS_ACCESS_KEY_ID"));
}

TEST_CASE("the stores of one Context share what was found", "[s3][credentials]") {
  Machine machine;
  set_keys(machine);
  vfs::Services services = machine.services();
  services.shared = std::make_shared<vfs::Shared>();
  CHECK(vfs::s3::shared_credentials(services) == vfs::s3::shared_credentials(services));
}
