// Copy Blob, asynchronous and not; Put Blob From URL; Put Block From URL.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kFrom = "http://127.0.0.1:10000/cairnsim/bkt/from";
// By azure-storage-blob 12.31.1: container, rcwdl, until 01:00.
const std::string kSas =
    "?se=2026-02-12T01%3A00%3A00Z&sp=rcwdl&spr=https%2Chttp&sv=2023-11-03&sr=c"
    "&sig=LmiPbWRjsezoTcJU7Hn/uVjWzSa%2BKYoKxeAWey3zT80%3D";

Ask copy(Headers headers = {}, const std::string& source = kFrom) {
  headers.emplace_back("x-ms-copy-source", source);
  return {.method = "PUT", .target = "/bkt/to", .headers = std::move(headers)};
}

Ask from_url(Headers headers = {}, const std::string& source = kFrom + kSas) {
  headers.emplace_back("x-ms-blob-type", "BlockBlob");
  return copy(std::move(headers), source);
}

Client with_source(azure::ServerOptions options = {}) {
  Client client(std::move(options));
  static_cast<void>(client.ask({.method = "PUT",
                                .target = "/bkt/from",
                                .headers = {{"x-ms-blob-type", "BlockBlob"},
                                            {"x-ms-meta-a", "1"},
                                            {"Content-Type", "text/plain"}},
                                .body = "stones"}));
  return client;
}

TEST_CASE("Copy Blob answers 202 and copies metadata and type", "[simulated_azure]") {
  Client client = with_source();

  const auto reply = client.ask(copy());

  CHECK(reply.status == 202);
  CHECK(header_of(reply, "x-ms-copy-status") == "success");
  CHECK_FALSE(header_of(reply, "x-ms-copy-id").empty());
  const auto seen = client.ask({.target = "/bkt/to"});
  CHECK(seen.body == "stones");
  CHECK(header_of(seen, "x-ms-meta-a") == "1");
  CHECK(header_of(seen, "Content-Type") == "text/plain");
  CHECK(header_of(seen, "x-ms-copy-progress") == "6/6");
}

TEST_CASE("metadata of a copy replace the source's", "[simulated_azure]") {
  Client client = with_source();
  static_cast<void>(client.ask(copy({{"x-ms-meta-b", "2"}})));

  const auto seen = client.ask({.method = "HEAD", .target = "/bkt/to"});

  CHECK(header_of(seen, "x-ms-meta-a").empty());
  CHECK(header_of(seen, "x-ms-meta-b") == "2");
}

TEST_CASE("a pending copy has no bytes until it is done", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 2});
  const auto started = client.ask(copy());
  const auto look = [&] { return client.ask({.method = "HEAD", .target = "/bkt/to"}); };

  CHECK(header_of(started, "x-ms-copy-status") == "pending");
  for (int i = 0; i < 2; ++i) {
    const auto pending = look();
    CHECK(header_of(pending, "x-ms-copy-status") == "pending");
    CHECK(header_of(pending, "Content-Length") == "0");
    CHECK(header_of(pending, "ETag") == header_of(started, "ETag"));
  }
  const auto done = look();
  CHECK(header_of(done, "x-ms-copy-status") == "success");
  CHECK(header_of(done, "x-ms-copy-id") == header_of(started, "x-ms-copy-id"));
  CHECK(header_of(done, "ETag") != header_of(started, "ETag"));
  CHECK(client.content("to") == "stones");
  CHECK(client.server().leftovers() == 0);
}

TEST_CASE("a copy may fail, with a description", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 1, .copy_end = azure::CopyStatus::failed});
  static_cast<void>(client.ask(copy()));
  static_cast<void>(client.ask({.method = "HEAD", .target = "/bkt/to"}));

  const auto seen = client.ask({.method = "HEAD", .target = "/bkt/to"});

  CHECK(header_of(seen, "x-ms-copy-status") == "failed");
  CHECK_FALSE(header_of(seen, "x-ms-copy-status-description").empty());
  CHECK(client.content("to").empty());
}

TEST_CASE("a pending copy fails if its source changes", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 1});
  static_cast<void>(client.ask(copy()));
  client.put("from", "gravel");
  static_cast<void>(client.ask({.method = "HEAD", .target = "/bkt/to"}));

  const auto seen = client.ask({.method = "HEAD", .target = "/bkt/to"});

  CHECK(header_of(seen, "x-ms-copy-status") == "failed");
  CHECK(header_of(seen, "x-ms-copy-status-description").find("412") == 0);
}

TEST_CASE("nothing is written over a pending copy", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 5});
  static_cast<void>(client.ask(copy()));

  const auto reply = client.ask(copy());

  CHECK(reply.status == 409);
  CHECK(code_of(reply) == "PendingCopyOperation");
}

TEST_CASE("a pending copy can be aborted, once", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 5});
  const std::string id = header_of(client.ask(copy()), "x-ms-copy-id");
  const Ask abort{.method = "PUT",
                  .target = "/bkt/to?comp=copy&copyid=" + id,
                  .headers = {{"x-ms-copy-action", "abort"}}};

  Ask another = abort;
  another.target += "0";
  CHECK(code_of(client.ask(another)) == "NoPendingCopyOperation");
  CHECK(client.server().leftovers() == 1);
  CHECK(client.ask(abort).status == 204);
  const auto again = client.ask(abort);
  CHECK(again.status == 409);
  CHECK(code_of(again) == "NoPendingCopyOperation");
  CHECK(client.content("to").empty());
  CHECK(client.server().leftovers() == 0);
}

TEST_CASE("a copy is pinned to its source's version", "[simulated_azure]") {
  Client client = with_source();
  const std::string etag = client.server().etag("from");

  const auto other = client.ask(copy({{"x-ms-source-if-match", "\"0x8D0\""}}));

  CHECK(other.status == 412);
  CHECK(code_of(other) == "SourceConditionNotMet");
  CHECK(client.ask(copy({{"x-ms-source-if-match", etag}})).status == 202);
}

TEST_CASE("a copy that must be the first is 409 BlobAlreadyExists", "[simulated_azure]") {
  Client client = with_source();
  client.put("to", "gravel");

  const auto reply = client.ask(copy({{"If-None-Match", "*"}}));

  CHECK(reply.status == 409);
  CHECK(code_of(reply) == "BlobAlreadyExists");
  CHECK(client.content("to") == "gravel");
}

TEST_CASE("a copy of what is not there is 404 CannotVerifyCopySource", "[simulated_azure]") {
  Client client;

  const auto reply = client.ask(copy());

  CHECK(reply.status == 404);
  CHECK(code_of(reply) == "CannotVerifyCopySource");
}

TEST_CASE("copies from a URL need leave to read it", "[simulated_azure]") {
  Client client = with_source({.account = {.tokens = {{"token", false}}}});

  const auto bare = client.ask(from_url({}, kFrom));
  CHECK(bare.status == 401);
  CHECK(code_of(bare) == "CannotVerifyCopySource");
  CHECK(client.ask(copy({{"x-ms-requires-sync", "true"}})).status == 401);
  CHECK(client.ask(from_url()).status == 201);
  CHECK(client.ask(from_url({{"x-ms-copy-source-authorization", "Bearer token"}}, kFrom)).status ==
        201);
  CHECK(client.ask(from_url({{"x-ms-copy-source-authorization", "Bearer other"}}, kFrom)).status ==
        401);
  CHECK(client.ask(copy({{"x-ms-requires-sync", "true"}}, kFrom + kSas)).status == 202);
}

TEST_CASE("a copy that is asked to be at once never stays pending", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 5});

  // "True" is how azure-storage-blob writes it.
  for (const char* value : {"true", "True"}) {
    const auto reply = client.ask(copy({{"x-ms-requires-sync", value}}, kFrom + kSas));
    CHECK(reply.status == 202);
    CHECK(header_of(reply, "x-ms-copy-status") == "success");
  }
  CHECK(client.ask(copy({{"x-ms-requires-sync", "1"}}, kFrom + kSas)).status == 400);
}

TEST_CASE("Put Blob From URL copies all at once", "[simulated_azure]") {
  Client client = with_source({.copy_polls = 5});

  const auto reply = client.ask(from_url({{"x-ms-meta-b", "2"}}));

  CHECK(reply.status == 201);
  CHECK(header_of(reply, "x-ms-content-crc64") == "IF9kBBqEqCs=");
  const auto seen = client.ask({.target = "/bkt/to"});
  CHECK(seen.body == "stones");
  CHECK(header_of(seen, "Content-Type") == "text/plain");
  CHECK(header_of(seen, "x-ms-meta-b") == "2");
}

TEST_CASE("Put Blob From URL is pinned, and says what reading would", "[simulated_azure]") {
  Client client = with_source();

  const auto other = client.ask(from_url({{"x-ms-source-if-match", "\"0x8D0\""}}));
  const auto first = client.ask(from_url({{"If-None-Match", "*"}}));
  const auto second = client.ask(from_url({{"If-None-Match", "*"}}));

  CHECK(other.status == 412);
  CHECK(code_of(other) == "CannotVerifyCopySource");
  CHECK(first.status == 201);
  CHECK(second.status == 409);
}

TEST_CASE("Put Block From URL stages a range of the source", "[simulated_azure]") {
  Client client = with_source();
  const auto stage = [&](const std::string& range, Headers headers) {
    headers.emplace_back("x-ms-copy-source", kFrom + kSas);
    headers.emplace_back("x-ms-source-range", range);
    return client.ask({.method = "PUT",
                       .target = "/bkt/to?comp=block&blockid=QUFBQQ%3D%3D",
                       .headers = std::move(headers)});
  };

  const auto reply = stage("bytes=0-3", {});
  CHECK(reply.status == 201);
  CHECK(header_of(reply, "x-ms-content-crc64") == "o/49KSK70GY=");
  CHECK(stage("bytes=0-3", {{"x-ms-source-content-crc64", "o/49KSK70GY="}}).status == 201);
  CHECK(code_of(stage("bytes=1-3", {{"x-ms-source-content-crc64", "o/49KSK70GY="}})) ==
        "Crc64Mismatch");
  CHECK(stage("bytes=0-6", {}).status == 416);
  CHECK(stage("bytes=0-3", {{"x-ms-source-if-match", "\"0x8D0\""}}).status == 412);
}

TEST_CASE("a source that is too large is refused", "[simulated_azure]") {
  Client client = with_source({.max_put = 6, .max_sync_copy = 5});

  CHECK(client.ask(copy({{"x-ms-requires-sync", "true"}}, kFrom + kSas)).status == 409);
  CHECK(client.ask(from_url()).status == 201);
  CHECK(client.ask(copy()).status == 202);
}

TEST_CASE("a server without copies from URLs says 501", "[simulated_azure]") {
  Client client = with_source({.knows_from_url = false});

  CHECK(client.ask(from_url()).status == 501);
  CHECK(client.ask(copy()).status == 202);
}

}  // namespace
