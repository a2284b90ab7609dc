// Put Blob, Get Blob, properties, metadata, conditions, delete. Checksums of "stones" and "ston"
// come from azure-storage-extensions 0.1.0 and openssl's command line.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

constexpr const char* kCrc64 = "IF9kBBqEqCs=";
constexpr const char* kMd5 = "piUeQhQNvpzTLWGZx0mKvQ==";

using Headers = std::vector<std::pair<std::string, std::string>>;

Ask put(Headers headers, const std::string& name = "file") {
  headers.emplace_back("x-ms-blob-type", "BlockBlob");
  return {
      .method = "PUT", .target = "/bkt/" + name, .headers = std::move(headers), .body = "stones"};
}

Ask get(Headers headers) {
  return {.target = "/bkt/file", .headers = std::move(headers)};
}

TEST_CASE("Put Blob answers 201 with an etag and the CRC64 of what came", "[simulated_azure]") {
  Client client;

  const auto reply = client.ask(put({}));

  CHECK(reply.status == 201);
  CHECK(header_of(reply, "ETag").substr(0, 4) == "\"0x8");
  CHECK(header_of(reply, "x-ms-content-crc64") == kCrc64);
  CHECK(header_of(reply, "Last-Modified") == "Thu, 12 Feb 2026 00:00:00 GMT");
  CHECK(client.content("file") == "stones");
  CHECK(client.server().violations().empty());
}

TEST_CASE("Put Blob verifies CRC64 and MD5, of which only one may come", "[simulated_azure]") {
  Client client;

  CHECK(client.ask(put({{"x-ms-content-crc64", kCrc64}})).status == 201);
  CHECK(client.ask(put({{"Content-MD5", kMd5}})).status == 201);
  const auto crc64 = client.ask(put({{"x-ms-content-crc64", "AAAAAAAAAAA="}}));
  const auto md5 = client.ask(put({{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}));
  const auto both = client.ask(put({{"Content-MD5", kMd5}, {"x-ms-content-crc64", kCrc64}}));

  CHECK(crc64.status == 400);
  CHECK(code_of(crc64) == "Crc64Mismatch");
  CHECK(md5.status == 400);
  CHECK(code_of(md5) == "Md5Mismatch");
  CHECK(both.status == 400);
}

TEST_CASE("a server without CRC64 says 500 FeatureNotSupported", "[simulated_azure]") {
  Client client({.knows_crc64 = false});

  const auto reply = client.ask(put({{"x-ms-content-crc64", kCrc64}}));

  CHECK(reply.status == 500);
  CHECK(code_of(reply) == "FeatureNotSupported");
}

TEST_CASE("Put Blob refuses a body beyond the limit", "[simulated_azure]") {
  Client client({.max_put = 5});

  const auto reply = client.ask(put({}));

  CHECK(reply.status == 413);
  CHECK(code_of(reply) == "RequestBodyTooLarge");
}

TEST_CASE("a blob comes back with its metadata, type and MD5", "[simulated_azure]") {
  Client client;
  static_cast<void>(client.ask(put({{"x-ms-meta-cairn_op", "0123"},
                                    {"Content-Type", "text/plain"},
                                    {"x-ms-blob-content-type", "text/csv"},
                                    {"x-ms-blob-cache-control", "no-cache"}})));

  for (const char* method : {"GET", "HEAD"}) {
    const auto reply = client.ask({.method = method, .target = "/bkt/file"});

    CHECK(reply.status == 200);
    CHECK(header_of(reply, "Content-Length") == "6");
    CHECK(header_of(reply, "Content-Type") == "text/csv");
    CHECK(header_of(reply, "Cache-Control") == "no-cache");
    CHECK(header_of(reply, "Content-MD5") == kMd5);
    CHECK(header_of(reply, "x-ms-meta-cairn_op") == "0123");
    CHECK(header_of(reply, "x-ms-blob-type") == "BlockBlob");
    CHECK(header_of(reply, "x-ms-lease-status") == "unlocked");
    CHECK(reply.body == (std::string(method) == "GET" ? "stones" : ""));
  }
}

TEST_CASE("a tier and tags may come with a blob", "[simulated_azure]") {
  Client client;

  CHECK(client.ask(put({{"x-ms-access-tier", "Cool"}, {"x-ms-tags", "a=1"}})).status == 201);
}

TEST_CASE("names of metadata must be identifiers", "[simulated_azure]") {
  Client client;

  CHECK(code_of(client.ask(put({{"x-ms-meta-cairn-op", "0123"}}))) == "InvalidMetadata");
  CHECK(code_of(client.ask(put({{"x-ms-meta-1st", "0123"}}))) == "InvalidMetadata");
  CHECK(code_of(client.ask(put({{"x-ms-meta-", "0123"}}))) == "EmptyMetadataKey");
  CHECK(code_of(client.ask(put({{"x-ms-meta-a", std::string(9000, 'x')}}))) == "MetadataTooLarge");
}

TEST_CASE("a range answers 206 with its place", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");

  const auto middle = client.ask(get({{"Range", "bytes=1-3"}}));
  const auto end = client.ask(get({{"x-ms-range", "bytes=4-"}}));
  const auto beyond = client.ask(get({{"x-ms-range", "bytes=4-99"}}));

  CHECK(middle.status == 206);
  CHECK(middle.body == "ton");
  CHECK(header_of(middle, "Content-Range") == "bytes 1-3/6");
  CHECK(header_of(middle, "Content-MD5").empty());  // the blob's is not the range's
  CHECK(header_of(middle, "x-ms-blob-content-md5") == kMd5);
  CHECK(end.body == "es");
  CHECK(header_of(beyond, "Content-Range") == "bytes 4-5/6");
}

TEST_CASE("x-ms-range wins over Range", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");

  CHECK(client.ask(get({{"Range", "bytes=0-0"}, {"x-ms-range", "bytes=5-5"}})).body == "s");
}

TEST_CASE("a range beyond the end, and any of an empty blob, is 416", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  client.put("empty", "");

  const auto beyond = client.ask(get({{"x-ms-range", "bytes=6-9"}}));
  const auto empty = client.ask({.target = "/bkt/empty", .headers = {{"x-ms-range", "bytes=0-9"}}});

  CHECK(beyond.status == 416);
  CHECK(code_of(beyond) == "InvalidRange");
  CHECK(empty.status == 416);
}

TEST_CASE("a suffix range is refused and noted", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");

  CHECK(client.ask(get({{"Range", "bytes=-3"}})).status == 400);
  CHECK(client.server().violations() == std::vector<std::string>{"a suffix range: bytes=-3"});
}

TEST_CASE("a range of up to 4 MiB comes with its CRC64 or MD5", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  client.put("large", std::string((4U << 20U) + 1, 'x'));
  const std::pair<std::string, std::string> crc64{"x-ms-range-get-content-crc64", "true"};
  const std::pair<std::string, std::string> md5{"x-ms-range-get-content-md5", "true"};
  const std::pair<std::string, std::string> range{"x-ms-range", "bytes=0-3"};

  CHECK(header_of(client.ask(get({range, crc64})), "x-ms-content-crc64") == "o/49KSK70GY=");
  CHECK(header_of(client.ask(get({range, md5})), "Content-MD5") == "b6Y7imfMOgblEbJtW5NJjQ==");
  CHECK(client.ask(get({crc64})).status == 400);
  CHECK(client.ask(get({range, crc64, md5})).status == 400);
  CHECK(client.ask({.target = "/bkt/large", .headers = {{"Range", "bytes=0-"}, crc64}}).status ==
        400);
}

TEST_CASE("reads are pinned by If-Match", "[simulated_azure]") {
  Client client;
  const std::string old = client.put("file", "stones");
  const std::string now = client.put("file", "gravel");

  CHECK(client.ask(get({{"If-Match", now}})).body == "gravel");
  const auto reply = client.ask(get({{"If-Match", old}}));
  CHECK(reply.status == 412);
  CHECK(code_of(reply) == "ConditionNotMet");
}

TEST_CASE("If-None-Match and If-Modified-Since answer 304 to reads", "[simulated_azure]") {
  Client client;
  const std::string etag = client.put("file", "stones");
  const std::string date = "Thu, 12 Feb 2026 00:00:00 GMT";

  const auto same = client.ask(get({{"If-None-Match", etag}}));
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(client.ask(get({{"If-None-Match", "\"0x8D0\""}})).status == 200);
  CHECK(client.ask(get({{"If-Modified-Since", date}})).status == 304);
  CHECK(client.ask(get({{"If-Unmodified-Since", date}})).status == 200);
  CHECK(client.ask(get({{"If-Unmodified-Since", "Wed, 11 Feb 2026 00:00:00 GMT"}})).status == 412);
  CHECK(code_of(client.ask(get({{"If-None-Match", "*"}}))) == "UnsatisfiableCondition");
}

TEST_CASE("a write that must be the first is 409 BlobAlreadyExists", "[simulated_azure]") {
  Client client;

  CHECK(client.ask(put({{"If-None-Match", "*"}})).status == 201);
  const auto again = client.ask(put({{"If-None-Match", "*"}}));

  CHECK(again.status == 409);
  CHECK(code_of(again) == "BlobAlreadyExists");
}

TEST_CASE("a write over another version is 412 ConditionNotMet", "[simulated_azure]") {
  Client client;
  const std::string etag = client.put("file", "gravel");

  CHECK(client.ask(put({{"If-Match", "\"0x8D0\""}})).status == 412);
  CHECK(client.ask(put({{"If-Match", "*"}}, "absent")).status == 412);
  CHECK(client.content("file") == "gravel");
  CHECK(client.ask(put({{"If-Match", etag}})).status == 201);
  CHECK(client.content("file") == "stones");
}

TEST_CASE("each write has an etag of its own", "[simulated_azure]") {
  Client client;

  CHECK(client.put("file", "stones") != client.put("file", "stones"));
}

TEST_CASE("Set Blob Metadata replaces all of it and the etag", "[simulated_azure]") {
  Client client;
  static_cast<void>(client.ask(put({{"x-ms-meta-a", "1"}})));
  const std::string before = client.server().etag("file");

  const auto reply = client.ask(
      {.method = "PUT", .target = "/bkt/file?comp=metadata", .headers = {{"x-ms-meta-b", "2"}}});

  CHECK(reply.status == 200);
  CHECK(header_of(reply, "ETag") != before);
  const auto seen = client.ask(get({}));
  CHECK(header_of(seen, "x-ms-meta-a").empty());
  CHECK(header_of(seen, "x-ms-meta-b") == "2");
  CHECK(seen.body == "stones");
}

TEST_CASE("Delete Blob answers 202, and 404 where there is none", "[simulated_azure]") {
  Client client;
  const std::string etag = client.put("file", "stones");
  const auto remove = [&](const std::string& match) {
    return client.ask(
        {.method = "DELETE", .target = "/bkt/file", .headers = {{"If-Match", match}}});
  };

  CHECK(code_of(remove("\"0x8D0\"")) == "ConditionNotMet");
  CHECK(remove(etag).status == 202);
  const auto again = remove(etag);
  CHECK(again.status == 404);
  CHECK(code_of(again) == "BlobNotFound");
}

TEST_CASE("a blob with snapshots goes only with them", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  client.server().take_snapshot("file");

  const auto refused = client.ask({.method = "DELETE", .target = "/bkt/file"});
  const auto gone = client.ask({.method = "DELETE",
                                .target = "/bkt/file",
                                .headers = {{"x-ms-delete-snapshots", "include"}}});

  CHECK(refused.status == 409);
  CHECK(code_of(refused) == "SnapshotsPresent");
  CHECK(gone.status == 202);
}

TEST_CASE("a leased blob is written with its lease only", "[simulated_azure]") {
  Client client;
  client.put("file", "gravel");
  client.server().lease("file", "lease-1");

  const auto without = client.ask(put({}));
  const auto wrong = client.ask(put({{"x-ms-lease-id", "lease-2"}}));

  CHECK(without.status == 412);
  CHECK(code_of(without) == "LeaseIdMissing");
  CHECK(code_of(wrong) == "LeaseIdMismatchWithBlobOperation");
  CHECK(code_of(client.ask({.method = "DELETE", .target = "/bkt/file"})) == "LeaseIdMissing");
  CHECK(client.ask(put({{"x-ms-lease-id", "lease-1"}})).status == 201);
}

TEST_CASE("errors are XML with the code and its words", "[simulated_azure]") {
  Client client;

  const auto reply = client.ask(get({}));

  CHECK(reply.status == 404);
  CHECK(header_of(reply, "Content-Type") == "application/xml");
  CHECK(elements(reply.body, "Code") == std::vector<std::string>{"BlobNotFound"});
  CHECK(elements(reply.body, "Message") ==
        std::vector<std::string>{"The specified blob does not exist.\nRequestId:sim-1"});
}

}  // namespace
