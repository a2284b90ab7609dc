// Shared Key: signatures made by azure-storage-blob 12.31.1 (SharedKeyCredentialPolicy), and what
// is refused.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

constexpr const char* kDate = "Thu, 12 Feb 2026 00:00:00 GMT";
constexpr const char* kEmulator = "http://127.0.0.1:10000/cairnsim/bkt";
constexpr const char* kCloud = "https://cairnsim.blob.core.windows.net/bkt";

vfs::net::Request signed_request(const std::string& url, const Ask& ask,
                                 const std::string& signature) {
  vfs::net::Request request = make_request(url, ask);
  request.headers.set("x-ms-date", kDate);
  request.headers.set("Authorization", "SharedKey cairnsim:" + signature);
  return request;
}

TEST_CASE("a signature with the account in the path is Microsoft's", "[simulated_azure]") {
  Client client;

  const auto reply =
      client.send_raw(signed_request(kEmulator,
                                     {.method = "PUT",
                                      .target = "/a%20stone.txt",
                                      .headers = {{"x-ms-blob-type", "BlockBlob"},
                                                  {"x-ms-meta-cairn_op", "0123"},
                                                  {"x-ms-content-crc64", "hWp5xaNFEZM="},
                                                  {"Content-Type", "text/plain"}},
                                      .body = "stones"},
                                     "bWI66gr8/pfrEC44i0Y9vg8Jver1TZnUZ61q7wthkU4="));

  CHECK(code_of(reply) == "Crc64Mismatch");  // it went past the signature
}

TEST_CASE("a signature over a query in any order is Microsoft's", "[simulated_azure]") {
  Client client;

  const auto reply = client.send_raw(signed_request(
      kCloud, {.target = "?restype=container&comp=list&prefix=a%2Fb%20c&maxresults=2"},
      "c3UHAIjU19goDTw+KEU0AfHwvnXPB0WmNDVps7a4EBc="));

  CHECK(reply.status == 200);
}

TEST_CASE("a signature over conditions and a range is Microsoft's", "[simulated_azure]") {
  Client client;
  client.put("a%2Bb", "stones");

  const auto reply = client.send_raw(signed_request(
      kCloud,
      {.target = "/a%2Bb",
       .headers = {{"x-ms-range", "bytes=0-3"}, {"If-Match", "\"0x8DC000000010001\""}}},
      "Ibd/O8krR1GWYkt8rCuAV3YDSHMb2hGXoh6vgXB4q1E="));

  CHECK(reply.status == 206);
  CHECK(reply.body == "ston");
}

TEST_CASE("a signature counts the body, and parameters as they read decoded", "[simulated_azure]") {
  Client client;

  const auto reply = client.send_raw(signed_request(
      kCloud, {.method = "PUT", .target = "/f?comp=block&blockid=QUFBQQ%3D%3D", .body = "12345678"},
      "yPNGlKciLvEA0Yf9hJ3XJI4usT+1y6U/FlYVEIs8dj8="));

  CHECK(reply.status == 201);
}

TEST_CASE("a signature takes the path as it was sent", "[simulated_azure]") {
  Client client;

  const auto reply = client.send_raw(signed_request(
      kCloud, {.method = "DELETE", .target = "/d/e%C3%A9", .headers = {{"If-None-Match", "*"}}},
      "mAkEfJtmrhYUDGDeT9+SfZ445MEEMO8GMM/HyVoJcxY="));

  CHECK(code_of(reply) == "BlobNotFound");
}

TEST_CASE("a wrong signature is refused with the text that was signed", "[simulated_azure]") {
  Client client;

  const auto reply = client.send_raw(
      signed_request(kCloud, {.target = "/file"}, "yPNGlKciLvEA0Yf9hJ3XJI4usT+1y6U/FlYVEIs8dj8="));

  CHECK(reply.status == 403);
  CHECK(code_of(reply) == "AuthenticationFailed");
  REQUIRE(elements(reply.body, "AuthenticationErrorDetail").size() == 1);
  CHECK(elements(reply.body, "AuthenticationErrorDetail")[0].find(
            "Server used following string to sign: 'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:") !=
        std::string::npos);
}

TEST_CASE("a date more than 15 minutes off is refused", "[simulated_azure]") {
  Client client;

  const auto before = client.ask(
      {.target = "/bkt/file", .headers = {{"x-ms-date", "Wed, 11 Feb 2026 23:44:59 GMT"}}});
  const auto within = client.ask(
      {.target = "/bkt/file", .headers = {{"x-ms-date", "Wed, 11 Feb 2026 23:45:00 GMT"}}});

  CHECK(before.status == 403);
  CHECK(code_of(before) == "AuthenticationFailed");
  CHECK(header_of(before, "Date") == kDate);
  CHECK(code_of(within) == "BlobNotFound");
}

TEST_CASE("a request without authorization is challenged and noted", "[simulated_azure]") {
  Client client;

  const auto reply = client.send({.target = "/bkt/file"});

  CHECK(reply.status == 401);
  CHECK(code_of(reply) == "NoAuthenticationInformation");
  CHECK(header_of(reply, "WWW-Authenticate").find("Bearer authorization_uri=") == 0);
  CHECK(client.server().violations() == std::vector<std::string>{"an unsigned request"});
}

TEST_CASE("a public container is read, not written, without authorization", "[simulated_azure]") {
  Client client({.account = {.public_access = true}});
  client.put("file", "stones");

  CHECK(client.send({.target = "/bkt/file"}).body == "stones");
  CHECK(client.send({.target = "/bkt?restype=container&comp=list"}).status == 200);
  CHECK(client.send({.method = "DELETE", .target = "/bkt/file"}).status == 401);
}

TEST_CASE("a request without x-ms-version is refused and noted", "[simulated_azure]") {
  Client client;
  vfs::net::Request request{.url = std::string(kEmulator) + "/file"};
  request.headers.set("x-ms-date", kDate);
  request.headers.set("Authorization", "SharedKey cairnsim:AAAA");

  const auto reply = client.send_raw(request);

  CHECK(reply.status == 400);
  CHECK(client.server().violations().size() == 1);
}

TEST_CASE("a signed request without a date is refused and noted", "[simulated_azure]") {
  Client client;

  const auto reply = client.send(
      {.target = "/bkt/file", .headers = {{"Authorization", "SharedKey cairnsim:AAAA"}}});

  CHECK(reply.status == 400);
  CHECK(client.server().violations().size() == 1);
}

TEST_CASE("a bearer token is good until it expires", "[simulated_azure]") {
  Client client({.account = {.tokens = {{"token", false}}}});
  const Ask ask{.target = "/bkt/file",
                .headers = {{"Authorization", "Bearer token"}, {"x-ms-date", kDate}}};

  CHECK(code_of(client.send(ask)) == "BlobNotFound");
  client.server().change(sim::Fault::expired);
  const auto reply = client.send(ask);

  CHECK(reply.status == 401);
  CHECK(code_of(reply) == "InvalidAuthenticationInfo");
  CHECK_FALSE(header_of(reply, "WWW-Authenticate").empty());
}

TEST_CASE("what a call does not know is refused and noted", "[simulated_azure]") {
  Client client;

  const auto header =
      client.ask({.target = "/bkt/file", .headers = {{"x-ms-blob-typo", "BlockBlob"}}});
  const auto parameter = client.ask({.target = "/bkt/file?pretty=1"});
  const auto missing = client.ask({.method = "PUT", .target = "/bkt/file", .body = "stones"});

  CHECK(code_of(header) == "UnsupportedHeader");
  CHECK(code_of(parameter) == "UnsupportedQueryParameter");
  CHECK(code_of(missing) == "MissingRequiredHeader");
  CHECK(client.server().violations() ==
        std::vector<std::string>{"an unknown header: x-ms-blob-typo",
                                 "an unknown parameter: pretty",
                                 "a missing header: x-ms-blob-type"});
}

TEST_CASE("a body of no length must say so", "[simulated_azure]") {
  Client client;

  const auto reply = client.send_raw({.method = "PUT", .url = std::string(kEmulator) + "/file"});

  CHECK(reply.status == 411);
  CHECK(code_of(reply) == "MissingContentLengthHeader");
}

TEST_CASE("each answer names the request, its version and the time", "[simulated_azure]") {
  Client client;

  const auto reply = client.ask({.method = "HEAD", .target = "/bkt/file"});

  CHECK(reply.status == 404);
  CHECK(reply.body.empty());  // an error of HEAD has only its header
  CHECK(code_of(reply) == "BlobNotFound");
  CHECK_FALSE(header_of(reply, "x-ms-request-id").empty());
  CHECK(header_of(reply, "x-ms-version") == "2023-11-03");
  CHECK(header_of(reply, "Date") == kDate);
}

TEST_CASE("another account and another container are not there", "[simulated_azure]") {
  Client client;

  CHECK(code_of(client.ask({.target = "/other/file"})) == "ContainerNotFound");
  CHECK(client.send_raw({.url = "http://127.0.0.1:10000/another/bkt/file"}).status == 404);
}

}  // namespace
