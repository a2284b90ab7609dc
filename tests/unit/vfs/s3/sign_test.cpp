#include "vfs/s3/sign.hpp"

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "vfs/net/sigv4.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/requests.hpp"

namespace {

using namespace cairn::vfs;
using nlohmann::json;

const s3::Credentials kExample{.access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

/// Written by make_vectors.py from sources that are not ours.
json load(const char* name) {
  std::ifstream file(std::string(CAIRN_TEST_DATA) + "/s3/" + name);
  REQUIRE(file.is_open());
  return json::parse(file);
}

std::string signature_of(const net::Request& request) {
  const std::string_view header = request.headers.get("authorization");
  return std::string(header.substr(header.rfind('=') + 1));
}

TEST_CASE("requests of AWS's published suite are signed as it says", "[s3][sign]") {
  const auto now = *net::parse_iso8601("2015-08-30T12:36:00Z");
  for (const json& vector : load("sigv4_suite.json")) {
    INFO(vector["name"].get<std::string>());
    net::Request request{.method = vector["method"], .url = vector["url"]};
    for (const json& header : vector["headers"]) {
      request.headers.add(header[0].get<std::string>(), header[1].get<std::string>());
    }
    s3::Credentials credentials = kExample;
    credentials.session_token = Secret(vector["token"].get<std::string>());
    const auto payload_hash = vector["payload_hash"].get<std::string>();
    s3::Signer signer("service");

    signer.sign(request, credentials, "us-east-1", now, payload_hash);

    CHECK(net::canonical_request(request, payload_hash).request ==
          vector["canonical_request"].get<std::string>());
    CHECK(signature_of(request) == vector["signature"].get<std::string>());
  }
}

TEST_CASE("odd keys get the target and the signature that botocore gives them", "[s3][sign]") {
  const auto now = *net::parse_iso8601("2026-02-12T20:12:48Z");
  s3::Signer signer;
  for (const json& vector : load("sigv4_botocore.json")) {
    const auto key = vector["key"].get<std::string>();
    INFO(key);
    s3::Query query;
    for (const json& pair : vector["query"]) query.emplace_back(pair[0], pair[1]);
    const std::string target = s3::target(Path(key), query);
    net::Request request{.method = "PUT", .url = "http://127.0.0.1:9000/bucket" + target};
    request.headers.set("x-amz-checksum-crc32c", "AAAAAA==");
    request.headers.set("x-amz-content-sha256", s3::kUnsignedPayload);

    signer.sign(request, kExample, "eu-west-3", now);

    CHECK(target == vector["target"].get<std::string>());
    CHECK(signature_of(request) == vector["signature"].get<std::string>());
  }
}

TEST_CASE("a second signature of one request replaces the first", "[s3][sign]") {
  const auto now = *net::parse_iso8601("2026-02-12T20:12:48Z");
  net::Request request{.url = "https://b.s3.us-east-1.amazonaws.com/k"};
  s3::Signer signer;
  s3::Credentials with_token = kExample;
  with_token.session_token = "token";

  signer.sign(request, kExample, "us-east-1", now);
  const std::string first = signature_of(request);
  signer.sign(request, with_token, "us-west-2", now + std::chrono::hours{30});
  signer.sign(request, kExample, "us-east-1", now);

  CHECK(signature_of(request) == first);
}

}  // namespace
