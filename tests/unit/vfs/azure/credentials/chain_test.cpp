// Which place gives the credentials, where several could.
#include <chrono>

#include "tests/unit/vfs/azure/credentials/machine.hpp"
#include "vfs/base/shared.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::Answer;
using test::AzureMachine;

namespace {

constexpr const char* kKey = "a2V5IG9mIHRoZSBlbnZpcm9ubWVudA==";
constexpr const char* kOtherKey = "b3RoZXI=";
constexpr const char* kSas = "sv=2023-11-03&se=2026-03-01&sr=c&sp=rl&sig=abc%3D";

/// An application whose tokens say which one they are.
void add_application(AzureMachine& machine) {
  machine.set("AZURE_TENANT_ID", "tenant");
  machine.set("AZURE_CLIENT_ID", "client");
  machine.set("AZURE_CLIENT_SECRET", "secret");
  machine.answer("/oauth2/v2.0/token", [given = 0](const vfs::net::Request&) mutable -> Answer {
    return {.body = R"({"token_type":"Bearer","expires_in":3599,"access_token":"token)" +
                    std::to_string(++given) + "\"}"};
  });
}

}  // namespace

TEST_CASE("a key of the options comes before all that the environment has",
          "[azure][credentials]") {
  AzureMachine machine;
  machine.set("AZURE_STORAGE_CONNECTION_STRING",
              std::string("AccountName=other;AccountKey=") + kOtherKey);
  machine.set("AZURE_STORAGE_ACCOUNT_KEY", kOtherKey);

  const auto found = machine.find({.account = "acct", .account_key = kKey});

  CHECK(found.key.reveal() == kKey);
  CHECK(found.account == "acct");
  CHECK(machine.requests() == 0);
}

TEST_CASE("a connection string comes before the keys beside it", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("AZURE_STORAGE_CONNECTION_STRING",
              std::string("AccountName=first;AccountKey=") + kKey);
  machine.set("AZURE_STORAGE_ACCOUNT_NAME", "second");
  machine.set("AZURE_STORAGE_ACCOUNT_KEY", kOtherKey);

  const auto found = machine.find();

  CHECK(found.account == "first");
  CHECK(found.key.reveal() == kKey);
}

TEST_CASE("a connection string without key and SAS says where, and others say who",
          "[azure][credentials]") {
  AzureMachine machine;
  machine.set("AZURE_STORAGE_CONNECTION_STRING", "AccountName=acct");
  machine.set("AZURE_STORAGE_SAS_TOKEN", kSas);
  CHECK(machine.find().sas.reveal() == kSas);
}

TEST_CASE("a key has the names that Azure's tools give it", "[azure][credentials]") {
  const char* name =
      GENERATE("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY");
  const char* account = GENERATE("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT");
  AzureMachine machine;
  machine.set(name, kKey);
  machine.set(account, "acct");
  machine.set("AZURE_STORAGE_SAS_TOKEN", kSas);

  const auto found = machine.find();

  CHECK(found.key.reveal() == kKey);
  CHECK(found.sas.empty());
  CHECK(found.account == "acct");
}

TEST_CASE("a SAS is taken with and without its question mark", "[azure][credentials]") {
  const char* name = GENERATE("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY");
  AzureMachine machine;
  machine.set(name, std::string(" ?") + kSas + "\n");
  add_application(machine);

  CHECK(machine.find().sas.reveal() == kSas);

  CHECK(machine.requests() == 0);
}

TEST_CASE("a key or SAS that can't be one is refused and not shown", "[azure][credentials]") {
  AzureMachine machine;
  std::string failure;
  SECTION("key") {
    machine.set("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0*canary");
    failure = machine.failure();
    CHECK(contains(failure, "no base64"));
  }
  SECTION("SAS without signature") {
    machine.set("AZURE_STORAGE_SAS_TOKEN", "sv=2023-11-03&canary");
    failure = machine.failure();
    CHECK(contains(failure, "holds no \"sig=\""));
  }
  SECTION("SAS with a line break") {
    failure = machine.failure({.sas_token = "sv=1&sig=canary\r\nX-Evil: 1"});
    CHECK(contains(failure, "or blanks"));
  }
  CHECK_FALSE(contains(failure, "canary"));
  CHECK(machine.requests() == 0);
}

TEST_CASE("whoever asks for anonymous access gets it, and nothing is looked for",
          "[azure][credentials]") {
  AzureMachine machine;
  add_application(machine);
  vfs::AzureOptions options;
  SECTION("by option, whatever keys are there") {
    machine.set("AZURE_STORAGE_ACCOUNT_KEY", kKey);
    options.anonymous = true;
  }
  SECTION("by the variable of adlfs") {
    machine.set("AZURE_STORAGE_ANON", "True");
  }
  CHECK(machine.find(options) == vfs::azure::Credentials{});
  CHECK(machine.requests() == 0);
}

TEST_CASE("AZURE_STORAGE_ANON does not take away a key, and can say no", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("AZURE_STORAGE_ANON", "true");
  SECTION("a key") {
    machine.set("AZURE_STORAGE_ACCOUNT_KEY", kKey);
    CHECK(machine.find().key.reveal() == kKey);
  }
  SECTION("no") {
    machine.set("AZURE_STORAGE_ANON", "false");
    add_application(machine);
    CHECK(machine.find().token.reveal() == "token1");
  }
}

TEST_CASE("where nothing is configured, the error says all that was looked at",
          "[azure][credentials]") {
  AzureMachine machine;
  const std::string failure = machine.failure();
  for (const char* place :
       {"AzureOptions", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN_FILE", "no machine of Azure", "there is no az in PATH",
        "AzureOptions::anonymous for public data"}) {
    CHECK(contains(failure, place));
  }
}

TEST_CASE("a token is fetched once for all stores of a Context, and renewed ahead of its end",
          "[azure][credentials]") {
  AzureMachine machine;
  add_application(machine);
  vfs::Services services = machine.services();
  services.shared = std::make_shared<vfs::Shared>();
  const auto cache = vfs::azure::shared_credentials(services, "https://a.blob.core.windows.net");
  const auto other = vfs::azure::shared_credentials(services, "https://b.blob.core.windows.net");

  CHECK(cache->get({})->token.reveal() == "token1");
  CHECK(other->get({})->token.reveal() == "token1");
  machine.clock->sleep(40min, {});
  CHECK(cache->get({})->token.reveal() == "token1");
  machine.clock->sleep(10min, {});

  CHECK(cache->get({})->token.reveal() == "token2");
  CHECK(machine.requests() == 2);
}

TEST_CASE("accounts in different clouds have different tokens", "[azure][credentials]") {
  AzureMachine machine;
  add_application(machine);
  vfs::Services services = machine.services();
  services.shared = std::make_shared<vfs::Shared>();
  const auto cache = vfs::azure::shared_credentials(services, "https://a.blob.core.windows.net");
  const auto other =
      vfs::azure::shared_credentials(services, "https://a.blob.core.chinacloudapi.cn");
  CHECK(cache->get({})->token.reveal() == "token1");
  CHECK(other->get({})->token.reveal() == "token2");
}
