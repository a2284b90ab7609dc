#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Answer;
using test::contains;
using test::GoogleMachine;
using test::posted_form;

namespace {

const std::string kAudience =
    "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x";
const std::string kAccount = "me@p.iam.gserviceaccount.com";
const std::string kImpersonation =
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" + kAccount +
    ":generateAccessToken";

/// As `gcloud iam workload-identity-pools create-cred-config` writes it.
json external_account(const json& source) {
  return {{"type", "external_account"},
          {"audience", kAudience},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"token_url", "https://sts.googleapis.com/v1/token"},
          {"credential_source", source}};
}

/// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
Answer generated(const std::string& token) {
  return {.body = json{{"accessToken", token}, {"expireTime", "2026-02-12T01:00:00Z"}}.dump()};
}

}  // namespace

TEST_CASE("the token in a file buys one of Google's, and is read anew each time",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string path = machine.file("token", "first\n");
  machine.credentials(external_account({{"file", path}}));
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");
  machine.file("token", "second");
  CHECK(*machine.find().expires - machine.clock->now() == 1h);

  const auto requests = machine.transport->requests();
  CHECK(requests.at(0).url == "https://sts.googleapis.com/v1/token");
  CHECK_FALSE(requests.at(0).headers.find("authorization"));
  // https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
  CHECK(posted_form(requests.at(0)) ==
        std::map<std::string, std::string>{
            {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
            {"audience", kAudience},
            {"scope", "https://www.googleapis.com/auth/cloud-platform"},
            {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
            {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
            {"subject_token", "first"}});
  CHECK(posted_form(requests.at(1))["subject_token"] == "second");
}

TEST_CASE("the token of another provider may stand in a JSON file", "[gcs][credentials]") {
  GoogleMachine machine;
  const json format{{"type", "json"}, {"subject_token_field_name", "id_token"}};
  const std::string path = machine.file("token", R"({"id_token":"inner"})");
  machine.credentials(external_account({{"file", path}, {"format", format}}));
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");
  CHECK(posted_form(machine.transport->requests().at(0))["subject_token"] == "inner");
  machine.file("token", R"({"other":"inner"})");
  CHECK(contains(machine.failure(), path + " holds no JSON object with \"id_token\""));
}

TEST_CASE("the token of another provider may come from a URL, with headers", "[gcs][credentials]") {
  // A managed identity of Azure:
  // https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
  GoogleMachine machine;
  machine.credentials(external_account(
      {{"url", "http://169.254.169.254/metadata/identity/oauth2/token?resource=r"},
       {"headers", {{"Metadata", "True"}}},
       {"format", {{"type", "json"}, {"subject_token_field_name", "access_token"}}}}));
  machine.answer("/metadata/identity", [](const vfs::net::Request& request) -> Answer {
    if (request.headers.get("metadata") != "True") return {.status = 400};
    return {.body = R"({"access_token":"azure"})"};
  });
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");
  CHECK(posted_form(machine.transport->requests().at(1))["subject_token"] == "azure");
}

TEST_CASE("a source of tokens is not asked over plain http unless it is near",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.answer("/", {.body = "token"});
  for (const std::string url :
       {"http://192.0.2.1/t", "http://169.254.169.254@192.0.2.1/", "http://user@169.254.169.254/",
        "http://169.254.evil.example/", "ftp://127.0.0.1/t"}) {
    machine.credentials(external_account({{"url", url}}));
    CHECK(contains(machine.failure(), "unencrypted at"));
  }
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("headers with a line break are refused", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(
      external_account({{"url", "https://idp.example/t"}, {"headers", {{"A", "1\r\nX-Evil: 1"}}}}));
  CHECK(contains(machine.failure(), "hold a line break"));
}

TEST_CASE("a federated token may act as a service account", "[gcs][credentials]") {
  GoogleMachine machine;
  json document = external_account({{"file", machine.file("token", "t")}});
  document["service_account_impersonation_url"] = kImpersonation;
  document["service_account_impersonation"] = {{"token_lifetime_seconds", 2800}};
  machine.credentials(document);
  machine.answer("sts.googleapis.com", test::token_answer("federated"));
  machine.answer("iamcredentials.googleapis.com", generated("acting"));

  const auto found = machine.find();

  CHECK(found.token.reveal() == "acting");
  CHECK(found.account == kAccount);
  CHECK(*found.expires - machine.clock->now() == 1h);
  const auto request = machine.transport->requests().at(1);
  CHECK(request.method == "POST");
  CHECK(request.url == kImpersonation);
  CHECK(request.headers.get("authorization") == "Bearer federated");
  CHECK(json::parse(test::text_of(request.body)) ==
        json{{"delegates", json::array()},
             {"scope", {"https://www.googleapis.com/auth/cloud-platform"}},
             {"lifetime", "2800s"}});
}

TEST_CASE("a workforce pool's user names the project that it works for, unless a client does",
          "[gcs][credentials]") {
  GoogleMachine machine;
  json document = external_account({{"file", machine.file("token", "t")}});
  document["workforce_pool_user_project"] = "42";
  machine.credentials(document);
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");
  document["client_id"] = "Aladdin";
  document["client_secret"] = "open sesame";
  machine.credentials(document);
  CHECK(machine.find().token.reveal() == "federated");

  const auto requests = machine.transport->requests();
  CHECK(posted_form(requests.at(0))["options"] == R"({"userProject":"42"})");
  CHECK(posted_form(requests.at(1)).count("options") == 0);
  CHECK(requests.at(1).headers.get("authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("an identity that Google does not take is an error that names the provider",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string path =
      machine.credentials(external_account({{"file", machine.file("token", "t")}}));
  machine.answer("sts.googleapis.com", test::refusal("invalid_grant", "The audience is wrong."));
  const std::string text = machine.failure();
  CHECK(contains(text, "the identity of " + path));
  CHECK(contains(text, "400 invalid_grant: The audience is wrong."));
  CHECK(contains(text, "does the provider " + kAudience));
}

TEST_CASE("what is wrong with an external account is said", "[gcs][credentials]") {
  GoogleMachine machine;
  const auto failure = [&](const json& source) {
    machine.credentials(external_account(source));
    return machine.failure();
  };
  CHECK(contains(failure(json::object()), "names no source"));
  CHECK(contains(failure({{"certificate", json::object()}}), "a certificate, which is not supp"));
  CHECK(contains(failure("text"), "has no \"credential_source\""));
  CHECK(contains(failure({{"file", "/nowhere/token"}}), "/nowhere/token can't be read"));
  CHECK(contains(failure({{"file", machine.file("token", " \n")}}), "holds no token"));
  json document = external_account({{"file", machine.file("token", "t")}});
  document["service_account_impersonation_url"] = "https://iamcredentials.googleapis.com/v1/x";
  machine.credentials(document);
  CHECK(contains(machine.failure(), "names no service account"));
}

TEST_CASE("a user may act as a service account, through others", "[gcs][credentials]") {
  // As `gcloud auth application-default login --impersonate-service-account` leaves it.
  GoogleMachine machine;
  machine.credentials({{"type", "impersonated_service_account"},
                       {"service_account_impersonation_url", kImpersonation},
                       {"delegates", {"middle@p.iam.gserviceaccount.com"}},
                       {"source_credentials", test::authorized_user()}});
  machine.answer("oauth2.googleapis.com", test::token_answer("user"));
  machine.answer("iamcredentials.googleapis.com", generated("acting"));

  const auto found = machine.find();

  CHECK(found.token.reveal() == "acting");
  CHECK(found.account == kAccount);
  CHECK(found.kind == "impersonated_service_account");
  const auto request = machine.transport->requests().at(1);
  CHECK(request.headers.get("authorization") == "Bearer user");
  CHECK(json::parse(test::text_of(request.body))["delegates"] ==
        json{"middle@p.iam.gserviceaccount.com"});
}

TEST_CASE("a service account that acts as another asks IAM with a token for all of Google Cloud",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials({{"type", "impersonated_service_account"},
                       {"service_account_impersonation_url", kImpersonation},
                       {"source_credentials", test::service_account()}});
  machine.answer("iamcredentials.googleapis.com", generated("acting"));

  CHECK(machine.find().token.reveal() == "acting");

  const std::string bearer(machine.transport->requests().at(0).headers.get("authorization"));
  REQUIRE(bearer.starts_with("Bearer "));
  CHECK(test::verify_jwt(bearer.substr(7)).claims["scope"] ==
        "https://www.googleapis.com/auth/cloud-platform");
}

TEST_CASE("who may not act as a service account is told which role that takes",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials({{"type", "impersonated_service_account"},
                       {"service_account_impersonation_url", kImpersonation},
                       {"source_credentials", test::authorized_user()}});
  machine.answer("oauth2.googleapis.com", test::token_answer("user"));
  machine.answer("iamcredentials.googleapis.com",
                 {.status = 403,
                  .body = R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}})"});
  const std::string text = machine.failure();
  CHECK(contains(text, kAccount + " gives no access token: 403 PERMISSION_DENIED: no"));
  CHECK(contains(text, "Service Account Token Creator"));
}
