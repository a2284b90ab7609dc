// Blob Batch, as the page of that name writes requests and answers.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

constexpr const char* kBoundary = "batch_357de4f7-6d0b-4e02-8cd2-6361411a9525";
constexpr const char* kDate = "Thu, 12 Feb 2026 00:00:00 GMT";

/// A sub-request is signed as one of its own, without a version.
std::string entry(Client& client, int id, const std::string& name,
                  const std::string& method = "DELETE", const std::string& container = "bkt") {
  const std::string path = "/cairnsim/" + container + "/" + name;
  vfs::net::Request request{.method = method, .url = "http://127.0.0.1:10000" + path};
  request.headers.set("x-ms-date", kDate);
  const auto signature =
      azure::shared_key_signature(sim::read_request(request), client.server().options().account);
  return "--" + std::string(kBoundary) +
         "\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: " +
         std::to_string(id) + "\r\n\r\n" + method + " " + path +
         " HTTP/1.1\r\nx-ms-date: " + kDate + "\r\nAuthorization: SharedKey cairnsim:" + signature +
         "\r\nContent-Length: 0\r\n\r\n\r\n";
}

sim::Reply batch(Client& client, const std::string& entries, const std::string& target = "/") {
  return client.ask(
      {.method = "POST",
       .target = target + (target == "/" ? "?comp=batch" : "?restype=container&comp=batch"),
       .headers = {{"Content-Type", std::string("multipart/mixed; boundary=") + kBoundary}},
       .body = entries + "--" + kBoundary + "--\r\n"});
}

TEST_CASE("a batch deletes each of its blobs, and answers for each", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");
  client.put("b", "stones");

  const auto reply =
      batch(client, entry(client, 0, "a") + entry(client, 1, "c") + entry(client, 2, "b"));

  CHECK(reply.status == 202);
  CHECK(header_of(reply, "Content-Type").find("multipart/mixed; boundary=batchresponse_") == 0);
  const auto first = reply.body.find("Content-ID: 0\r\n\r\nHTTP/1.1 202 Accepted\r\n");
  const auto second = reply.body.find("Content-ID: 1\r\n\r\nHTTP/1.1 404 ");
  const auto third = reply.body.find("Content-ID: 2\r\n\r\nHTTP/1.1 202 Accepted\r\n");
  CHECK(first < second);
  CHECK(second < third);
  CHECK(third != std::string::npos);
  CHECK(reply.body.find("x-ms-error-code: BlobNotFound") != std::string::npos);
  CHECK(client.server().keys().empty());
  CHECK(client.server().violations().empty());
}

TEST_CASE("a batch of a container takes blobs of that container", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");

  CHECK(batch(client, entry(client, 0, "a"), "/bkt").status == 202);
  CHECK(client.server().keys().empty());
  const auto other = batch(client, entry(client, 0, "a", "DELETE", "other"), "/bkt");
  CHECK(other.body.find("x-ms-error-code: InvalidInput") != std::string::npos);
}

TEST_CASE("an entry may end with one empty line, as the page writes it", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");
  std::string written = entry(client, 0, "a");
  written.resize(written.size() - 2);

  const auto reply = batch(client, written);

  CHECK(reply.body.find("HTTP/1.1 202 Accepted") != std::string::npos);
  CHECK(client.server().keys().empty());
}

TEST_CASE("each entry of a batch needs its own authorization", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");
  std::string stolen = entry(client, 0, "b");
  stolen.replace(stolen.find("bkt/b"), 5, "bkt/a");

  const auto reply = batch(client, stolen);

  CHECK(reply.status == 202);
  CHECK(reply.body.find("HTTP/1.1 403 ") != std::string::npos);
  CHECK(client.content("a") == "stones");
}

TEST_CASE("a batch has at most 256 entries, and at least one", "[simulated_azure]") {
  Client client;
  std::string entries;
  for (int i = 0; i < 257; ++i) entries += entry(client, i, "a");

  const auto reply = batch(client, entries);

  CHECK(reply.status == 400);
  CHECK(code_of(reply) == "ExceedsMaxBatchRequestCount");
  CHECK(code_of(batch(client, "")) == "InvalidInput");
}

TEST_CASE("a batch that is cut is refused as a whole", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");
  const std::string entries = entry(client, 0, "a");

  const auto reply = client.ask(
      {.method = "POST",
       .target = "/?comp=batch",
       .headers = {{"Content-Type", std::string("multipart/mixed; boundary=") + kBoundary}},
       .body = entries.substr(0, entries.size() / 2)});

  CHECK(reply.status == 400);
  CHECK(client.content("a") == "stones");
}

TEST_CASE("a batch reads nothing", "[simulated_azure]") {
  Client client;
  client.put("a", "stones");

  const auto reply = batch(client, entry(client, 0, "a", "GET"));

  CHECK(reply.body.find("HTTP/1.1 400 ") != std::string::npos);
  CHECK(reply.body.find("stones") == std::string::npos);
}

}  // namespace
