// The Azure CLI, as a script that takes the arguments that Microsoft's page has.
// https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
#include <chrono>
#include <filesystem>

#include "tests/unit/vfs/azure/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::AzureMachine;

namespace {

/// Returns its folder.
std::string add_az(AzureMachine& machine, const std::string& lines) {
  const std::string az = machine.file("bin/az", "#!/bin/sh\n" + lines, 0700);
  const std::string folder = az.substr(0, az.rfind('/'));
  machine.set("PATH", "/nowhere:" + folder);
  return folder;
}

/// What `az` 2.6x prints: expiresOn is local time, expires_on is not.
const std::string kOutput =
    R"(echo '{"accessToken":"eyJ0eXAi.cli","expiresOn":"2026-02-12 01:30:00.000000",)"
    R"("expires_on":1770858000,"subscription":"s","tenant":"t","tokenType":"Bearer"}')";

}  // namespace

TEST_CASE("whoever has run az login is known by their token", "[azure][credentials]") {
  AzureMachine machine;
  const std::string folder = add_az(machine, "printf '%s|' \"$@\" > \"${0%/*}/seen\"\n" + kOutput);
  std::string arguments =
      "account|get-access-token|--output|json|--resource|https://storage.azure.com|";
  SECTION("in the tenant that is the usual one") {}
  SECTION("in another tenant") {
    machine.set("AZURE_TENANT_ID", "contoso.example");
    arguments += "--tenant|contoso.example|";
  }

  const auto found = machine.find();

  CHECK(found.token.reveal() == "eyJ0eXAi.cli");
  CHECK(found.expires->time_since_epoch() == std::chrono::seconds(1770858000));
  std::ifstream seen(folder + "/seen");
  CHECK(std::string(std::istreambuf_iterator<char>(seen), {}) == arguments);
}

TEST_CASE("a machine on which nobody has run az login has no such token", "[azure][credentials]") {
  AzureMachine machine;
  add_az(machine, "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
  const std::string failure = machine.failure();
  CHECK(contains(failure, "there are no credentials. Looked at: "));
  CHECK(contains(failure, "nobody has run az login"));
}

TEST_CASE("an Azure CLI that fails is an error with what it says", "[azure][credentials]") {
  AzureMachine machine;
  add_az(machine,
         "echo 'WARNING: old' >&2; echo 'ERROR: AADSTS50076: use MFA, run az login' >&2; "
         "echo more >&2; exit 1");
  const std::string failure = machine.failure();
  CHECK(
      contains(failure, "gave no token: ERROR: AADSTS50076: use MFA, run az login | run by hand"));
}

TEST_CASE("an Azure CLI that prints no token is an error that shows none of it",
          "[azure][credentials]") {
  AzureMachine machine;
  add_az(machine, R"(echo '{"accessToken":"canary')");
  const std::string failure = machine.failure();
  CHECK(contains(failure, "the Azure CLI gave no JSON object"));
  CHECK_FALSE(contains(failure, "canary"));
}

TEST_CASE("a program of the working directory is not the Azure CLI", "[azure][credentials]") {
  AzureMachine machine;
  const std::string folder = add_az(machine, "touch \"${0%/*}/ran\"\n" + kOutput);
  const std::string relative = std::filesystem::relative(folder).string();
  machine.set("PATH", ":.:" + relative);
  CHECK(contains(machine.failure(), "no az in PATH"));
  CHECK_FALSE(std::filesystem::exists(folder + "/ran"));
}

TEST_CASE("an Azure CLI that takes too long ends with the caller's deadline",
          "[azure][credentials]") {
  AzureMachine machine;
  add_az(machine, "exec sleep 600");
  const vfs::Services services = machine.services();
  const vfs::CallOptions call{.deadline = machine.clock->steady_now() + 100ms};
  try {
    static_cast<void>(vfs::azure::find_credentials(services, AzureMachine::kEndpoint, call));
    FAIL("it found some");
  } catch (const vfs::net::TransportError& error) {
    CHECK(error.failure() == vfs::net::TransportFailure::deadline);
  }
}
