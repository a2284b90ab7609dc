#include "vfs/gcs/sign.hpp"

#include <fstream>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/rsa_key.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/crypto/rsa.hpp"
#include "vfs/net/text.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using nlohmann::json;

/// Written by make_vectors.py from Google's conformance data.
const json& vectors() {
  static const json kVectors = [] {
    std::ifstream file(std::string(CAIRN_TEST_DATA) + "/gcs/v4_signatures.json");
    return json::parse(file);
  }();
  return kVectors;
}

/// The host comes from the test's hostname, else from the client's endpoint, else from the
/// emulator's, else it is that of the universe, as the data's tests.proto says.
std::string endpoint_of(const json& test) {
  const std::string scheme = test.value("scheme", "https");
  std::string host = "storage." + test.value("universeDomain", "googleapis.com");
  for (const char* name : {"emulatorHostname", "clientEndpoint", "hostname"}) {
    if (test.contains(name)) host = test[name];
  }
  if (test.contains("bucketBoundHostname")) host = test["bucketBoundHostname"];
  return host.find("://") == std::string::npos ? scheme + "://" + host : host;
}

gcs::UrlToSign request_of(const json& test) {
  const std::map<std::string, gcs::UrlStyle> styles{
      {"PATH_STYLE", gcs::UrlStyle::path},
      {"VIRTUAL_HOSTED_STYLE", gcs::UrlStyle::virtual_host},
      {"BUCKET_BOUND_HOSTNAME", gcs::UrlStyle::bucket_bound}};
  gcs::UrlToSign what{.endpoint = endpoint_of(test),
                      .style = styles.at(test.value("urlStyle", "PATH_STYLE")),
                      .bucket = test["bucket"],
                      .object = test.value("object", ""),
                      .method = test["method"],
                      .signed_at = *net::parse_iso8601(test["timestamp"].get<std::string>()),
                      .expires = std::chrono::seconds{test["expiration"].get<int>()}};
  const json headers = test.value("headers", json::object());
  for (const auto& [name, value] : headers.items()) {
    what.headers.add(name, value.get<std::string>());
  }
  const json query = test.value("queryParameters", json::object());
  for (const auto& [name, value] : query.items()) {
    what.query.emplace_back(name, value);
  }
  return what;
}

/// The bytes of a signature that the data holds.
std::vector<std::byte> expected_signature(const json& test) {
  const auto url = test["expectedUrl"].get<std::string>();
  return *crypto::parse_hex(url.substr(url.rfind('=') + 1));
}

TEST_CASE("every signed URL of Google's conformance data is made as it says", "[gcs][sign]") {
  const test::RsaKeyPair published(vectors()["public_key"].get<std::string>());
  CHECK(vectors()["rsa"].size() == 29);
  for (const json& test : vectors()["rsa"]) {
    INFO(test["description"].get<std::string>());
    // Only the public key is here: the signature is Google's own, given for what it is good for.
    const gcs::UrlSigner signer{
        .algorithm = "GOOG4-RSA-SHA256",
        .id = vectors()["account"],
        .sign = [&](const std::string& text, TimePoint) -> std::vector<std::byte> {
          const auto signature = expected_signature(test);
          const std::string_view bytes(reinterpret_cast<const char*>(signature.data()),
                                       signature.size());
          return published.verifies(text, bytes) ? signature : std::vector<std::byte>{};
        }};
    const gcs::UrlToSign what = request_of(test);

    const gcs::PreparedUrl prepared = gcs::prepare_url(what, signer);

    const std::string canonical = test.value("expectedCanonicalRequest", "");
    CHECK((canonical.empty() || prepared.canonical_request == canonical));
    CHECK(prepared.text == test["expectedStringToSign"].get<std::string>());
    CHECK(gcs::sign_url(what, signer).reveal() == test["expectedUrl"].get<std::string>());
  }
}

TEST_CASE("a URL signed with an HMAC key is the one that Python's hmac gives", "[gcs][sign]") {
  const gcs::UrlSigner signer =
      gcs::hmac_signer(vectors()["access_id"], Secret(vectors()["secret"].get<std::string>()));
  CHECK(vectors()["hmac"].size() == 2);
  for (const json& test : vectors()["hmac"]) {
    INFO(test["description"].get<std::string>());
    CHECK(gcs::sign_url(request_of(test), signer).reveal() ==
          test["expectedUrl"].get<std::string>());
  }
}

TEST_CASE("a URL signed with a service account's key is good for its public key", "[gcs][sign]") {
  const auto key = crypto::RsaKey::parse(test::rsa_key_pair().pem());
  const gcs::UrlSigner signer = gcs::rsa_signer("me@p.iam.gserviceaccount.com", key);
  const gcs::UrlToSign what{.bucket = "b", .object = "o"};

  const std::string url = gcs::sign_url(what, signer).reveal();

  const auto signature = *crypto::parse_hex(url.substr(url.rfind('=') + 1));
  CHECK(test::rsa_key_pair().verifies(
      gcs::prepare_url(what, signer).text,
      {reinterpret_cast<const char*>(signature.data()), signature.size()}));
}

TEST_CASE("a port is no part of what is signed, an IPv6 address is", "[gcs][sign]") {
  const auto canonical = [](const char* endpoint) {
    return gcs::prepare_url({.endpoint = endpoint, .bucket = "b"}, gcs::hmac_signer("id", "s"))
        .canonical_request;
  };
  CHECK(canonical("http://[::1]:80") == canonical("http://[::1]/"));
  CHECK(canonical("http://[::1]").find("host:[::1]\n") != std::string::npos);
}

}  // namespace
