#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using nlohmann::json;
using test::contains;
using test::GoogleMachine;

namespace {

json user(const std::string& refresh_token) {
  json document = test::authorized_user();
  document["refresh_token"] = refresh_token;
  return document;
}

/// The access token tells which refresh token it was bought with.
void add_tokens(GoogleMachine& machine) {
  machine.answer("oauth2.googleapis.com", [](const vfs::net::Request& request) {
    return test::token_answer("of " + test::posted_form(request)["refresh_token"]);
  });
}

}  // namespace

TEST_CASE("credentials are looked for in the order of Google's tools", "[gcs][credentials]") {
  GoogleMachine machine;
  add_tokens(machine);
  machine.file(".config/gcloud/application_default_credentials.json", user("gcloud").dump());
  CHECK(machine.find().token.reveal() == "of gcloud");
  machine.file("sdk/application_default_credentials.json", user("sdk").dump());
  machine.set("CLOUDSDK_CONFIG",
              machine.file("sdk/marker", "").substr(0, machine.file("sdk/marker", "").rfind('/')));
  CHECK(machine.find().token.reveal() == "of sdk");
  machine.credentials(user("environment"));
  CHECK(machine.find().token.reveal() == "of environment");
  const std::string path = machine.file("option.json", user("file").dump());
  CHECK(machine.find({.credentials_file = path}).token.reveal() == "of file");
  CHECK(machine.find({.credentials_file = path, .credentials_json = user("json").dump()})
            .token.reveal() == "of json");
  CHECK(machine.find({.token = "itself", .credentials_file = path}).token.reveal() == "itself");
}

TEST_CASE("a search for Google's credentials without success says where it looked",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.set("NO_GCE_CHECK", "");

  const std::string text = machine.failure();

  CHECK(contains(text, "GcsOptions (no token, credentials_json or credentials_file)"));
  CHECK(contains(text, "GOOGLE_APPLICATION_CREDENTIALS (not set)"));
  CHECK(contains(text, ".config/gcloud/application_default_credentials.json (no such file)"));
  CHECK(contains(text, "the metadata server 169.254.169.254 (no answer)"));
  CHECK(contains(text, "gcloud auth application-default login"));
}

TEST_CASE("a credentials file that is not right is named with what is wrong",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const auto failure = [&](const std::string& content) {
    const std::string path = machine.file("bad.json", content);
    machine.set("GOOGLE_APPLICATION_CREDENTIALS", path);
    const std::string text = machine.failure();
    CHECK(contains(text, path));
    return text;
  };
  CHECK(contains(failure("-----BEGIN"), "holds no JSON object"));
  CHECK(contains(failure(""), "holds no JSON object"));
  CHECK(contains(failure("[]"), "holds no JSON object"));
  CHECK(contains(failure("{}"), "has no \"type\""));
  CHECK(contains(failure(R"({"type":"magic"})"), "has the type \"magic\", which is not known"));
  CHECK(contains(failure(R"({"type":"gdch_service_account"})"), "Google Distributed Cloud"));
  CHECK(contains(failure(R"({"installed":{"client_id":"x"}})"), "--client-id-file="));
  CHECK(contains(failure(R"({"type":"authorized_user"})"), "has no \"refresh_token\""));
}

TEST_CASE("a credentials file that is not there is an error, and nothing else is tried",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.file(".config/gcloud/application_default_credentials.json", user("gcloud").dump());
  machine.set("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json");
  const std::string text = machine.failure();
  CHECK(contains(text, "/nowhere/key.json can't be read: No such file or directory"));
  CHECK(contains(text, "GOOGLE_APPLICATION_CREDENTIALS names it"));
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("who is billed stands in the file, or in the environment", "[gcs][credentials]") {
  GoogleMachine machine;
  add_tokens(machine);
  machine.credentials(test::authorized_user());
  CHECK(machine.find().quota_project == "billed");
  machine.set("GOOGLE_CLOUD_QUOTA_PROJECT", "other");
  CHECK(machine.find().quota_project == "other");
}

TEST_CASE("Google's credentials are shared by the stores of a Context, and renewed",
          "[gcs][credentials]") {
  GoogleMachine machine;
  add_tokens(machine);
  machine.credentials(user("first"));
  vfs::Services services = machine.services();
  services.shared = std::make_shared<vfs::Shared>();

  const auto cache = vfs::gcs::shared_credentials(services);

  CHECK(cache == vfs::gcs::shared_credentials(services));
  CHECK(cache->get({})->token.reveal() == "of first");
  machine.credentials(user("second"));
  CHECK(cache->get({})->token.reveal() == "of first");
  machine.clock->sleep(55min, {});
  CHECK(cache->get({})->token.reveal() == "of second");
}
