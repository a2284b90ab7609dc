// Where bearer tokens come from. Requests are those of Microsoft's pages.
#include "tests/support/simulated_azure/tokens.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

class Office {
 public:
  explicit Office(azure::TokenOptions options = {}) : issuer_(std::move(options), account_) {}

  sim::Reply ask(const std::string& method, const std::string& url,
                 const std::vector<std::pair<std::string, std::string>>& headers,
                 const std::string& body = {}) {
    vfs::net::Request request{.method = method, .url = url};
    for (const auto& [name, value] : headers) request.headers.set(name, value);
    if (!body.empty()) request.body.append_copy(vfs::as_bytes(body));
    return issuer_.answer(request, kNow).value();
  }
  azure::TokenIssuer& issuer() { return issuer_; }
  azure::Account& account() { return account_; }

 private:
  azure::Account account_{};
  azure::TokenIssuer issuer_;
};

sim::Reply ask_entra(Office& office, const std::string& body) {
  return office.ask("POST",
                    "https://login.microsoftonline.com/00000000-0000-0000-0000-00000000c0de/oauth2/"
                    "v2.0/token",
                    {{"Content-Type", "application/x-www-form-urlencoded"}}, body);
}

constexpr const char* kForm =
    "client_id=00000000-0000-0000-0000-0000000000a1"
    "&scope=https%3A%2F%2Fstorage.azure.com%2F.default&grant_type=client_credentials";
constexpr const char* kResource = "resource=https%3A%2F%2Fstorage.azure.com";

TEST_CASE("Entra gives a token for a client secret", "[simulated_azure]") {
  Office office;

  const auto reply =
      ask_entra(office, kForm + std::string("&client_secret=simulated-client-secret"));

  CHECK(reply.status == 200);
  CHECK(reply.body.find(R"({"token_type":"Bearer","expires_in":3599,)") == 0);
  CHECK(office.account().tokens.size() == 1);
  CHECK(office.issuer().violations().empty());
}

TEST_CASE("Entra gives a token for a federated assertion", "[simulated_azure]") {
  Office office;
  const std::string type =
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

  CHECK(ask_entra(office, kForm + type + "&client_assertion=simulated.federated.token").status ==
        200);
  CHECK(ask_entra(office, kForm + type + "&client_assertion=other").status == 401);
  CHECK(ask_entra(office, kForm + std::string("&client_assertion=simulated.federated.token"))
            .status == 401);
}

TEST_CASE("Entra refuses a wrong secret, application, scope and tenant", "[simulated_azure]") {
  Office office;
  const std::string secret = "&client_secret=simulated-client-secret";
  std::string other = kForm + secret;
  other.replace(other.find("a1&"), 3, "a2&");
  std::string scope = kForm + secret;
  scope.replace(scope.find("storage"), 7, "another");

  const auto wrong = ask_entra(office, kForm + std::string("&client_secret=wrong"));
  CHECK(wrong.status == 401);
  CHECK(wrong.body.find(R"({"error":"invalid_client","error_description":"AADSTS7000215)") == 0);
  CHECK(ask_entra(office, other).status == 400);
  CHECK(ask_entra(office, scope).status == 400);
  CHECK(office
            .ask("POST", "https://login.microsoftonline.com/other/oauth2/v2.0/token",
                 {{"Content-Type", "application/x-www-form-urlencoded"}}, kForm + secret)
            .status == 400);
  CHECK(office.issuer().given() == 0);
}

TEST_CASE("a new token makes the one before it worthless", "[simulated_azure]") {
  Office office;
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(
        ask_entra(office, kForm + std::string("&client_secret=simulated-client-secret")));
  }

  CHECK(office.account().tokens == std::map<std::string, bool>{{"eyJ0eXAi.simulated.1", true},
                                                               {"eyJ0eXAi.simulated.2", false}});
}

TEST_CASE("a machine's identity needs the header Metadata", "[simulated_azure]") {
  Office office;
  const std::string url =
      "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&" +
      std::string(kResource);

  const auto reply = office.ask("GET", url, {{"Metadata", "true"}});
  CHECK(reply.status == 200);
  // Numbers are texts; the second is kNow and 3599 seconds.
  CHECK(reply.body.find(R"("expires_in":"3599","expires_on":"1770857999")") != std::string::npos);
  const auto bare = office.ask("GET", url, {});
  CHECK(bare.status == 400);
  CHECK(bare.body.find("Required metadata header not specified") != std::string::npos);
}

TEST_CASE("a machine's identity may be named in one of three ways", "[simulated_azure]") {
  Office office;
  const auto ask = [&](const std::string& more) {
    return office
        .ask("GET",
             "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2019-08-01&" +
                 std::string(kResource) + more,
             {{"Metadata", "true"}})
        .status;
  };

  CHECK(ask("&client_id=00000000-0000-0000-0000-0000000000a1") == 200);
  CHECK(ask("&object_id=00000000-0000-0000-0000-0000000000b2") == 200);
  CHECK(ask("&msi_res_id=%2Fsubscriptions%2F1%2FresourceGroups%2Fg%2Fproviders%2F"
            "Microsoft.ManagedIdentity%2FuserAssignedIdentities%2Fcairn") == 200);
  CHECK(ask("&client_id=another") == 400);
  CHECK(ask("&client_id=00000000-0000-0000-0000-0000000000a1"
            "&object_id=00000000-0000-0000-0000-0000000000b2") == 400);
}

TEST_CASE("App Service needs its header", "[simulated_azure]") {
  Office office;
  const std::string url =
      "http://127.0.0.1:41741/msi/token?api-version=2019-08-01&" + std::string(kResource);

  CHECK(office.ask("GET", url, {{"X-IDENTITY-HEADER", "simulated-identity-header"}}).status == 200);
  CHECK(office.ask("GET", url, {{"X-IDENTITY-HEADER", "wrong"}}).status == 401);
}

TEST_CASE("Azure Arc names a file, and wants what is in it", "[simulated_azure]") {
  Office office;
  const std::string url =
      "http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2020-06-01&" +
      std::string(kResource);

  const auto challenge = office.ask("GET", url, {{"Metadata", "true"}});
  const auto answered =
      office.ask("GET", url, {{"Metadata", "true"}, {"Authorization", "Basic simulated-arc-key"}});

  CHECK(challenge.status == 401);
  CHECK(header_of(challenge, "WWW-Authenticate") ==
        "Basic realm=/var/opt/azcmagent/tokens/simulated.key");
  CHECK(answered.status == 200);
}

TEST_CASE("what an endpoint does not know is noted", "[simulated_azure]") {
  Office office;
  static_cast<void>(office.ask(
      "GET", "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&scope=x",
      {{"Metadata", "true"}, {"Authorization", "Bearer x"}}));

  CHECK(
      office.issuer().violations() ==
      std::vector<std::string>{"an unknown parameter: scope", "an unknown header: authorization"});
  CHECK_FALSE(office.issuer().answer({.url = "http://127.0.0.1:10000/cairnsim/bkt"}, kNow));
}

}  // namespace
