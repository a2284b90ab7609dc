// Identities that Azure gives to machines and services, each before an endpoint that takes only
// what Microsoft's page asks for.
#include "vfs/azure/credentials/managed.hpp"

#include <chrono>

#include "tests/unit/vfs/azure/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::Answer;
using test::AzureMachine;
using vfs::net::Request;

namespace {

using Pairs = std::map<std::string, std::string>;

/// As the page of the instance metadata service shows it: numbers are texts.
constexpr const char* kToken =
    R"({"access_token":"eyJ0eXAi.machine","refresh_token":"","expires_in":"3599",)"
    R"("expires_on":"1770858000","not_before":"1770854100","resource":"https://storage.azure.com",)"
    R"("token_type":"Bearer"})";

Answer not_found() {
  return {.status = 400,
          .body = R"({"error":"invalid_request","error_description":"Identity not found"})"};
}

/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
void add_instance(AzureMachine& machine, Pairs identity = {}) {
  identity.insert({{"api-version", "2018-02-01"}, {"resource", "https://storage.azure.com"}});
  machine.answer("http://169.254.169.254/metadata/identity/oauth2/token",
                 [identity](const Request& request) -> Answer {
                   if (request.method != "GET" || request.headers.get("metadata") != "true") {
                     return {.status = 400,
                             .body = R"({"error":"bad_request_102","error_description":"Required )"
                                     R"(metadata header not specified"})"};
                   }
                   return test::query_of(request) == identity ? Answer{.body = kToken}
                                                              : not_found();
                 });
}

}  // namespace

TEST_CASE("a virtual machine has the identity that Azure gives it", "[azure][credentials]") {
  AzureMachine machine;
  add_instance(machine);

  const auto found = machine.find();

  CHECK(found.token.reveal() == "eyJ0eXAi.machine");
  CHECK(*found.expires - machine.clock->now() == 1h);
}

TEST_CASE("one of a machine's identities is chosen by client, object or resource ID",
          "[azure][credentials]") {
  AzureMachine machine;
  SECTION("client ID of the options") {
    add_instance(machine, {{"client_id", "c1"}});
    machine.set("AZURE_CLIENT_ID", "not this one");
    CHECK(machine.find({.client_id = "c1"}).token.reveal() == "eyJ0eXAi.machine");
  }
  SECTION("client ID") {
    add_instance(machine, {{"client_id", "c1"}});
    machine.set("AZURE_CLIENT_ID", "c1");
    CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");
  }
  SECTION("object ID") {
    add_instance(machine, {{"object_id", "o1"}});
    machine.set("AZURE_OBJECT_ID", "o1");
    CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");
  }
  SECTION("resource ID") {
    add_instance(machine, {{"msi_res_id", "/subscriptions/s/resourceGroups/g & h"}});
    machine.set("AZURE_MSI_RESOURCE_ID", "/subscriptions/s/resourceGroups/g & h");
    CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");
  }
}

TEST_CASE("a virtual machine without an identity is no error", "[azure][credentials]") {
  AzureMachine machine;
  add_instance(machine, {{"client_id", "there is none"}});
  const std::string failure = machine.failure();
  CHECK(contains(failure, "has no such one: 400 invalid_request: Identity not found"));
  CHECK(contains(failure, "no az in PATH"));
}

TEST_CASE("the metadata service of another cloud is left alone", "[azure][credentials]") {
  const int status = GENERATE(200, 401, 403, 404);
  AzureMachine machine;
  machine.answer("169.254.169.254", {.status = status, .body = kToken});
  CHECK(contains(machine.failure(), "this is no machine of Azure"));
  for (const Request& request : machine.transport->requests()) {
    CHECK(request.headers.get("metadata").empty());
  }
}

TEST_CASE("a metadata service that is being updated is asked again", "[azure][credentials]") {
  const int status = GENERATE(404, 410);
  AzureMachine machine;
  int left = 3;
  machine.answer("169.254.169.254", [&](const Request& request) -> Answer {
    if (request.headers.get("metadata").empty()) return {.status = 400};
    return left-- > 0 ? Answer{.status = status} : Answer{.body = kToken};
  });
  CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");
  CHECK(machine.clock->now() - std::chrono::sys_days{std::chrono::year{2026} / 2 / 12} == 35s);
}

TEST_CASE("a metadata service that fails on a machine of Azure is an error",
          "[azure][credentials]") {
  AzureMachine machine;
  machine.answer("169.254.169.254", [](const Request& request) -> Answer {
    if (request.headers.get("metadata").empty()) return {.status = 400};
    return {.status = 403, .body = R"({"error":"forbidden","error_description":"why"})"};
  });
  CHECK(contains(machine.failure(), "this machine gave no token: 403 forbidden: why"));
}

// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
TEST_CASE("App Service gives tokens to who knows its header", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", "http://169.254.129.3:8081/msi/token");
  machine.set("IDENTITY_HEADER", "853b9a84");
  Pairs identity;
  SECTION("the service's own") {}
  SECTION("by client ID") {
    machine.set("AZURE_CLIENT_ID", "c1");
    identity = {{"client_id", "c1"}};
  }
  SECTION("by object ID") {
    machine.set("AZURE_OBJECT_ID", "o1");
    identity = {{"principal_id", "o1"}};
  }
  SECTION("by resource ID") {
    machine.set("AZURE_MSI_RESOURCE_ID", "/r/1");
    identity = {{"mi_res_id", "/r/1"}};
  }
  identity.insert({{"resource", "https://storage.azure.com"}, {"api-version", "2019-08-01"}});
  machine.answer("http://169.254.129.3:8081/msi/token?", [&](const Request& request) -> Answer {
    if (request.headers.get("x-identity-header") != "853b9a84") return {.status = 403};
    return test::query_of(request) == identity ? Answer{.body = kToken} : not_found();
  });

  CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");

  CHECK(machine.requests() == 1);
}

TEST_CASE("App Service that refuses is an error", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
  machine.set("IDENTITY_HEADER", "canary");
  machine.answer("127.0.0.1", not_found());
  const std::string failure = machine.failure();
  CHECK(contains(failure, "App Service gave no token: 400 invalid_request: Identity not found"));
  CHECK_FALSE(contains(failure, "canary"));
}

TEST_CASE("secrets of managed identities go to this machine and its host only",
          "[azure][credentials]") {
  const std::string url =
      GENERATE("http://evil.example/msi", "http://169.254.1.evil.example/", "http://169.254.1.999/",
               "http://169.254.169.254@evil.example/", "http://169.254.1/", "ftp://127.0.0.1/");
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", url);
  machine.set("IDENTITY_HEADER", "canary");
  machine.answer("/", {.body = kToken});
  const std::string failure = machine.failure();
  CAPTURE(url, failure);
  CHECK(contains(failure, "IDENTITY_ENDPOINT"));
  CHECK(machine.requests() == 0);
}

TEST_CASE("a header with a line break is not sent", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", "http://127.0.0.1/msi");
  machine.set("IDENTITY_HEADER", "a\r\nX-Evil: 1");
  CHECK(contains(machine.failure(), "holds a line break"));
  CHECK(machine.requests() == 0);
}

TEST_CASE("Service Fabric is refused with what to do", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token");
  machine.set("IDENTITY_HEADER", "h");
  machine.set("IDENTITY_SERVER_THUMBPRINT", "t");
  CHECK(contains(machine.failure(), "Service Fabric are not supported"));
}

// https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
TEST_CASE("Azure Machine Learning gives tokens to who knows its secret", "[azure][credentials]") {
  AzureMachine machine;
  machine.set("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth");
  machine.set("MSI_SECRET", "s1");
  machine.set("DEFAULT_IDENTITY_CLIENT_ID", "c1");
  machine.answer("http://127.0.0.1:46808/MSI/auth?", [](const Request& request) -> Answer {
    const Pairs expected{{"resource", "https://storage.azure.com"},
                         {"api-version", "2017-09-01"},
                         {"clientid", "c1"}};
    const bool known = request.headers.get("secret") == "s1";
    return known && test::query_of(request) == expected ? Answer{.body = kToken} : not_found();
  });
  CHECK(machine.find().token.reveal() == "eyJ0eXAi.machine");
}

namespace {

// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
constexpr const char* kArc = "http://localhost:40342/metadata/identity/oauth2/token";

/// An agent that believes who knows the content "k3y" of the file of its challenge.
void add_arc(AzureMachine& machine, const std::string& challenge) {
  machine.answer(kArc, [challenge](const Request& request) -> Answer {
    const Pairs expected{{"resource", "https://storage.azure.com"}, {"api-version", "2020-06-01"}};
    if (request.headers.get("metadata") != "true" || test::query_of(request) != expected) {
      return {.status = 400};
    }
    if (request.headers.get("authorization") == "Basic k3y") return {.body = kToken};
    return {.status = 401, .headers = {{"Www-Authenticate", challenge}}};
  });
}

vfs::azure::Credentials ask_arc(AzureMachine& machine, const std::string& folder) {
  const vfs::Services services = machine.services();
  const vfs::azure::CredentialInputs inputs{
      .services = services, .variables = vfs::Variables(services.config.environment)};
  return vfs::azure::from_arc(inputs, kArc, folder);
}

}  // namespace

TEST_CASE("Azure Arc gives a token to who can read the file of its challenge",
          "[azure][credentials]") {
  AzureMachine machine;
  const std::string key = machine.file("tokens/1234.key", "k3y");
  const std::string folder = key.substr(0, key.rfind('/'));
  SECTION("plain") {
    add_arc(machine, "Basic realm=" + key);
  }
  SECTION("in quotes") {
    add_arc(machine, "Basic realm=\"" + key + "\"");
  }
  CHECK(ask_arc(machine, folder).token.reveal() == "eyJ0eXAi.machine");
}

TEST_CASE("Azure Arc does not get the content of a file that is not its own",
          "[azure][credentials]") {
  AzureMachine machine;
  const std::string key = machine.file("tokens/1234.key", "k3y");
  const std::string folder = key.substr(0, key.rfind('/'));
  machine.file("other.key", "canary");
  machine.file("tokens/canary", "canary");
  machine.file("tokens/long.key", std::string(5000, 'x'));
  struct Case {
    std::string challenge;
    const char* says;
  };
  for (const Case& c :
       std::vector<Case>{{"", "none of its own"},
                         {"Basic", "none of its own"},
                         {"Basic realm=/etc/passwd", "none of its own"},
                         {"Basic realm=" + folder + "/../other.key", "none of its own"},
                         {"Basic realm=" + folder + "/canary", "none of its own"},
                         {"Basic realm=" + folder + "/absent.key", "can't be read"},
                         {"Basic realm=" + folder + "/long.key", "can't be read"}}) {
    AzureMachine asked;
    add_arc(asked, c.challenge);
    std::string failure;
    try {
      static_cast<void>(ask_arc(asked, folder));
    } catch (const vfs::net::CredentialError& error) {
      failure = error.what();
    }
    CAPTURE(c.challenge);
    CHECK(contains(failure, c.says));
    CHECK(asked.requests() == 1);
  }
}

TEST_CASE("a server with Azure Arc looks for secrets in the agent's folder",
          "[azure][credentials]") {
  AzureMachine machine;
  machine.set("IDENTITY_ENDPOINT", kArc);
  machine.set("IMDS_ENDPOINT", "http://localhost:40342");
  add_arc(machine, "Basic realm=/tmp/tokens/1234.key");
  CHECK(contains(machine.failure(), "none of its own"));
}
