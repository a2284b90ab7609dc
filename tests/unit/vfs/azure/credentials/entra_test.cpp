// Client secrets and workload identity, before a token endpoint that takes only what Microsoft's
// page of the client credentials flow asks for.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
#include <chrono>

#include "tests/unit/vfs/azure/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::Answer;
using test::AzureMachine;

namespace {

constexpr const char* kTenant = "a8990e1f-ff32-408a-9f8e-78d3b9139b95";
constexpr const char* kClient = "00001111-aaaa-2222-bbbb-3333cccc4444";

Answer refuse(const std::string& code, const std::string& description) {
  return {.status = code == "invalid_client" ? 401 : 400,
          .body = R"({"error":")" + code + R"(","error_description":")" + description +
                  R"(\r\nTrace ID: 0000aaaa\r\nCorrelation ID: aaaa0000\r\nTimestamp: 2026-02-12 )"
                  R"(00:00:00Z","error_codes":[1]})"};
}

/// `proof` is what the form has to hold beside the three fields that every such request has.
void add_endpoint(AzureMachine& machine, std::map<std::string, std::string> proof,
                  const std::string& authority = "https://login.microsoftonline.com") {
  const std::string url = authority + "/" + kTenant + "/oauth2/v2.0/token";
  machine.answer("/oauth2/", [=](const vfs::net::Request& request) -> Answer {
    if (request.url != url) return refuse("invalid_request", "AADSTS90002: no such tenant.");
    if (request.method != "POST" ||
        !request.headers.get("content-type").starts_with("application/x-www-form-urlencoded")) {
      return refuse("invalid_request", "AADSTS900144: no form.");
    }
    auto form = test::form_of(request);
    auto expected = proof;
    expected.insert({{"client_id", kClient},
                     {"scope", "https://storage.azure.com/.default"},
                     {"grant_type", "client_credentials"}});
    if (form != expected) return refuse("invalid_client", "AADSTS7000215: Invalid client secret.");
    return {.body = R"({"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0eXAi.x-_y"})"};
  });
}

void add_ids(AzureMachine& machine) {
  machine.set("AZURE_TENANT_ID", kTenant);
  machine.set("AZURE_CLIENT_ID", kClient);
}

}  // namespace

TEST_CASE("a client secret buys a token that is good for as long as the answer says",
          "[azure][credentials]") {
  AzureMachine machine;
  add_endpoint(machine, {{"client_secret", "sE%&+=cret~ ü"}});
  vfs::AzureOptions options;
  SECTION("from the options") {
    options = {.tenant_id = kTenant, .client_id = kClient, .client_secret = "sE%&+=cret~ ü"};
  }
  SECTION("from azure-identity's variables") {
    add_ids(machine);
    machine.set("AZURE_CLIENT_SECRET", "sE%&+=cret~ ü");
  }
  SECTION("from adlfs' variables, which come first") {
    machine.set("AZURE_STORAGE_TENANT_ID", kTenant);
    machine.set("AZURE_STORAGE_CLIENT_ID", kClient);
    machine.set("AZURE_STORAGE_CLIENT_SECRET", "sE%&+=cret~ ü");
    machine.set("AZURE_TENANT_ID", "elsewhere");
    machine.set("AZURE_CLIENT_SECRET", "other");
  }

  const auto found = machine.find(options);

  CHECK(found.token.reveal() == "eyJ0eXAi.x-_y");
  CHECK(*found.expires - machine.clock->now() == 3599s);
  CHECK(machine.requests() == 1);
}

TEST_CASE("each cloud has its own place for tokens", "[azure][credentials]") {
  // https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
  struct Case {
    const char* endpoint;
    const char* variable;
    const char* authority;
  };
  const Case c = GENERATE(values<Case>({
      {"https://a.blob.core.windows.net", "", "https://login.microsoftonline.com"},
      {"https://a.blob.core.chinacloudapi.cn", "", "https://login.chinacloudapi.cn"},
      {"https://a.blob.core.usgovcloudapi.net:443", "", "https://login.microsoftonline.us"},
      {"https://a.blob.core.chinacloudapi.cn", "login.example/", "https://login.example"},
      {"http://127.0.0.1:10000/acct", "http://127.0.0.1:9/", "http://127.0.0.1:9"},
  }));
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "s");
  machine.set("AZURE_AUTHORITY_HOST", c.variable);
  add_endpoint(machine, {{"client_secret", "s"}}, c.authority);
  CHECK(machine.find({}, c.endpoint).token.reveal() == "eyJ0eXAi.x-_y");
}

TEST_CASE("a client secret is not sent unencrypted to another machine", "[azure][credentials]") {
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "canary");
  machine.set("AZURE_AUTHORITY_HOST", "http://login.example");
  CHECK(contains(machine.failure(), "unencrypted"));
  CHECK(machine.requests() == 0);
}

TEST_CASE("a client secret that is refused is an error with the cause, and nothing else is tried",
          "[azure][credentials]") {
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "canary");
  add_endpoint(machine, {{"client_secret", "right"}});

  const std::string failure = machine.failure();

  CHECK(contains(failure, "401 invalid_client: AADSTS7000215: Invalid client secret. | "));
  CHECK(contains(failure, kClient));
  CHECK_FALSE(contains(failure, "canary"));
  CHECK(machine.requests() == 1);
}

TEST_CASE("a client secret without its tenant or its client ID is an error",
          "[azure][credentials]") {
  AzureMachine machine;
  machine.set("AZURE_CLIENT_SECRET", "canary");
  CHECK(contains(machine.failure(), "a client secret, and no tenant ID"));
  machine.set("AZURE_TENANT_ID", kTenant);
  CHECK(contains(machine.failure(), "a client secret, and no client ID"));
  machine.set("AZURE_CLIENT_ID", kClient);
  machine.set("AZURE_TENANT_ID", "tenant/../evil?x");
  CHECK(contains(machine.failure(), "neither an ID nor a domain"));
  CHECK(machine.requests() == 0);
}

TEST_CASE("a token endpoint that can't be reached is an error that says so",
          "[azure][credentials]") {
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "s");
  CHECK(contains(machine.failure(), "check the network and the proxy"));
  CHECK(machine.requests() == 3);
}

TEST_CASE("an answer without a usable token is an error", "[azure][credentials]") {
  const char* body = GENERATE(
      "", "<html>", "[]", R"({"expires_in":3599})", R"({"access_token":"","expires_in":3599})",
      R"({"access_token":"a\r\nb","expires_in":3599})", R"({"access_token":"late","expires_in":0})",
      R"({"access_token":"late","expires_on":"1770854400"})");
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "s");
  machine.answer("/oauth2/", {.body = body});
  const std::string failure = machine.failure();
  CAPTURE(body, failure);
  CHECK((contains(failure, "is no JSON object") || contains(failure, "gave no access token") ||
         contains(failure, "gave a token that has expired")));
}

TEST_CASE("an answer that was cut short is asked for again", "[azure][credentials]") {
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_CLIENT_SECRET", "s");
  machine.answer("/oauth2/", [times = 0](const vfs::net::Request&) mutable -> Answer {
    const std::string whole = R"({"expires_in":3599,"access_token":"eyJ0"})";
    return {.body = ++times < 3 ? whole.substr(0, 20) : whole};
  });
  CHECK(machine.find().token.reveal() == "eyJ0");
}

TEST_CASE("workload identity sends the token that its file holds now", "[azure][credentials]") {
  // "Third case: Access token request with a federated credential" on the same page.
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_FEDERATED_TOKEN_FILE", machine.file("token", "eyJhbGciOi.first\n"));
  std::string wanted = "eyJhbGciOi.first";
  machine.answer("/oauth2/", [&](const vfs::net::Request& request) -> Answer {
    const auto form = test::form_of(request);
    const std::map<std::string, std::string> expected{
        {"grant_type", "client_credentials"},
        {"client_id", kClient},
        {"scope", "https://storage.azure.com/.default"},
        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        {"client_assertion", wanted}};
    if (form != expected) return refuse("invalid_client", "AADSTS700211: no matching federation.");
    return {.body =
                R"({"token_type":"Bearer","expires_in":86399,"access_token":")" + wanted + "\"}"};
  });

  CHECK(machine.find().token.reveal() == "eyJhbGciOi.first");
  machine.file("token", "eyJhbGciOi.second");
  wanted = "eyJhbGciOi.second";
  CHECK(machine.find().token.reveal() == "eyJhbGciOi.second");
}

TEST_CASE("a federated token file that is not there, or is empty, is an error",
          "[azure][credentials]") {
  AzureMachine machine;
  add_ids(machine);
  machine.set("AZURE_FEDERATED_TOKEN_FILE", machine.file("token", "\n"));
  CHECK(contains(machine.failure(), "can't be read or is empty"));
  machine.set("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token");
  CHECK(contains(machine.failure(), "/nowhere/token can't be read or is empty"));
  CHECK(machine.requests() == 0);
}
