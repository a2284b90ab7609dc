#include "vfs/gcs/sign.hpp"

#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using nlohmann::json;
using test::Answer;
using test::contains;
using test::GoogleMachine;

namespace {

const vfs::gcs::UrlToSign kUrl{.bucket = "b", .object = "o"};

std::string sign(GoogleMachine& machine, vfs::GcsOptions options = {}) {
  const vfs::Services services = machine.services(std::move(options));
  const auto cache = vfs::gcs::shared_credentials(services);
  return vfs::gcs::sign_url(kUrl, vfs::gcs::find_signer(services, {}, *cache)).reveal();
}

std::string failure(GoogleMachine& machine) {
  try {
    static_cast<void>(sign(machine));
  } catch (const vfs::net::CredentialError& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "it signed";
}

/// IAM, with a key of its own.
/// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
Answer sign_blob(const vfs::net::Request& request) {
  const auto payload = json::parse(test::text_of(request.body)).at("payload").get<std::string>();
  const bool right = request.method == "POST" && !payload.empty() &&
                     request.headers.get("authorization") == "Bearer t";
  return right ? Answer{.body = R"({"keyId":"1","signedBlob":"AAECAw=="})"} : Answer{.status = 400};
}

void add_metadata(GoogleMachine& machine) {
  machine.set("NO_GCE_CHECK", "");
  const auto answer = [](std::string body) {
    return Answer{.headers = {{"Metadata-Flavor", "Google"}}, .body = std::move(body)};
  };
  machine.answer("/default/token", answer(R"({"access_token":"t","expires_in":3599})"));
  machine.answer("/default/email", answer("vm@p.iam.gserviceaccount.com"));
}

}  // namespace

TEST_CASE("a service account's key signs URLs without a request", "[gcs][sign]") {
  GoogleMachine machine;
  machine.credentials(test::service_account());
  const std::string url = sign(machine);
  CHECK(contains(url, "X-Goog-Algorithm=GOOG4-RSA-SHA256"));
  CHECK(contains(url, "X-Goog-Credential=me%40p.iam.gserviceaccount.com%2F"));
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("without a key IAM signs in the name of the machine's account", "[gcs][sign]") {
  GoogleMachine machine;
  add_metadata(machine);
  machine.answer("iamcredentials", sign_blob);

  const std::string url = sign(machine);

  CHECK(contains(url, "X-Goog-Credential=vm%40p.iam.gserviceaccount.com%2F"));
  CHECK(url.ends_with("&X-Goog-Signature=00010203"));
  CHECK(machine.transport->requests().back().url ==
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
        "vm@p.iam.gserviceaccount.com:signBlob");
}

TEST_CASE("what IAM is asked to sign is the text of the URL", "[gcs][sign]") {
  GoogleMachine machine;
  add_metadata(machine);
  machine.answer("iamcredentials", sign_blob);
  const vfs::gcs::UrlSigner nobody{.algorithm = "GOOG4-RSA-SHA256",
                                   .id = "vm@p.iam.gserviceaccount.com"};

  static_cast<void>(sign(machine));

  const auto request = machine.transport->requests().back();
  std::string payload = json::parse(test::text_of(request.body))["payload"];
  std::ranges::replace(payload, '+', '-');
  std::ranges::replace(payload, '/', '_');
  std::erase(payload, '=');
  CHECK(test::decode_base64_url(payload) == vfs::gcs::prepare_url(kUrl, nobody).text);
}

TEST_CASE("an HMAC key signs without credentials", "[gcs][sign]") {
  GoogleMachine machine;
  const std::string url = sign(machine, {.hmac_access_id = "GOOG1", .hmac_secret = "s"});
  CHECK(contains(url, "X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential=GOOG1%2F"));
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("a user can't sign a URL, and is told who can", "[gcs][sign]") {
  GoogleMachine machine;
  machine.credentials(test::authorized_user());
  machine.answer("oauth2.googleapis.com", test::token_answer("t"));
  const std::string text = failure(machine);
  CHECK(contains(text, "credentials of the kind authorized_user can't sign a URL"));
  CHECK(contains(text, "--impersonate-service-account"));
}

TEST_CASE("IAM that does not sign is an error that says which role it takes", "[gcs][sign]") {
  GoogleMachine machine;
  add_metadata(machine);
  Answer answer{.status = 403,
                .body = R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}})"};
  machine.answer("iamcredentials", [&](const vfs::net::Request&) { return answer; });
  CHECK(contains(failure(machine), "403 PERMISSION_DENIED: no"));
  CHECK(contains(failure(machine), "Service Account Token Creator"));
  answer = {.body = R"({"signedBlob":"not base64!"})"};
  CHECK(contains(failure(machine), "the answer holds no signature"));
}
