// XML API: objects in one request and in parts, by https://cloud.google.com/storage/docs/xml-api
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

// `openssl md5` of "123456789".
constexpr const char* kMd5Etag = "\"25f9e794323b453885f5181f1b624d0b\"";

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from) + from.size();
  return text.substr(start, text.find(to, start) - start);
}

TEST_CASE("an XML upload answers with ETag, generation and hashes", "[simulated_gcs]") {
  Cloud cloud;

  const auto reply = cloud.send("PUT", "/bkt/a/b", {{"x-goog-meta-color", "blue"}}, "123456789");

  CHECK(reply.status == 200);
  CHECK(header_of(reply, "ETag") == kMd5Etag);
  CHECK(header_of(reply, "x-goog-generation") == cloud.generation("a/b"));
  CHECK(header_of(reply, "x-goog-hash") == "crc32c=4waSgw==");
  CHECK(cloud.server.content("a/b") == "123456789");
}

TEST_CASE("an XML download has the metadata in its headers", "[simulated_gcs]") {
  Cloud cloud;
  static_cast<void>(cloud.send(
      "PUT", "/bkt/k", {{"x-goog-meta-color", "blue"}, {"Content-Type", "x/y"}}, "123456789"));

  const auto reply = cloud.send("GET", "/bkt/k", {{"Range", "bytes=2-4"}});
  const auto head = cloud.send("HEAD", "/bkt/k");

  CHECK(reply.status == 206);
  CHECK(reply.body == "345");
  CHECK(header_of(reply, "x-goog-meta-color") == "blue");
  CHECK(header_of(reply, "Content-Type") == "x/y");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(header_of(head, "x-goog-stored-content-length") == "9");
}

TEST_CASE("x-goog-hash of an XML upload is checked", "[simulated_gcs]") {
  Cloud cloud;
  const auto put = [&](const std::string& hash) {
    return cloud.send("PUT", "/bkt/k", {{"x-goog-hash", hash}}, "123456789");
  };

  CHECK(put("crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw==").status == 200);
  CHECK(put("crc32c=AAAAAA==").status == 400);
  CHECK(code_of(put("md5=AAAA")) == "BadDigest");
}

TEST_CASE("x-goog-if-generation-match is judged", "[simulated_gcs]") {
  Cloud cloud;
  const Headers absent{{"x-goog-if-generation-match", "0"}};

  CHECK(cloud.send("PUT", "/bkt/k", absent, "first").status == 200);
  const auto second = cloud.send("PUT", "/bkt/k", absent, "second");
  CHECK(second.status == 412);
  CHECK(code_of(second) == "PreconditionFailed");
  CHECK(cloud.send("DELETE", "/bkt/k", {{"x-goog-if-generation-match", "1"}}).status == 412);
  CHECK(cloud.send("GET", "/bkt/k", {{"x-goog-if-generation-match", "1"}}).status == 412);
}

TEST_CASE("an XML delete answers 204, and NoSuchKey the second time", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  CHECK(cloud.send("DELETE", "/bkt/k").status == 204);
  CHECK(code_of(cloud.send("DELETE", "/bkt/k")) == "NoSuchKey");
}

TEST_CASE("x-goog-copy-source copies bytes and metadata", "[simulated_gcs]") {
  Cloud cloud;
  static_cast<void>(cloud.send("PUT", "/bkt/a/b", {{"x-goog-meta-k", "v"}}, "123456789"));

  const auto reply = cloud.send("PUT", "/bkt/c", {{"x-goog-copy-source", "bkt/a%2Fb"}});

  CHECK(reply.status == 200);
  CHECK(contains(reply.body, "<CopyObjectResult><ETag>"));
  CHECK(header_of(cloud.send("GET", "/bkt/c"), "x-goog-meta-k") == "v");
}

TEST_CASE("a copy judges the generation of its source and its target", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a", "x");
  cloud.insert("b", "y");
  const auto copy = [&](const std::string& name, const std::string& value) {
    return cloud.send("PUT", "/bkt/b", {{"x-goog-copy-source", "/bkt/a"}, {name, value}}).status;
  };

  CHECK(copy("x-goog-copy-source-if-generation-match", "1") == 412);
  CHECK(copy("x-goog-copy-source-generation", "1") == 404);
  CHECK(copy("x-goog-if-generation-match", "0") == 412);
  CHECK(copy("x-goog-copy-source-if-generation-match", cloud.generation("a")) == 200);
}

/// Parts of at least 4 bytes take the place of 5 MiB.
struct Parts {
  explicit Parts(sim::gcs::Options options = {})
      : cloud([&] {
          options.min_part = 4;
          return options;
        }()) {
    const auto reply =
        cloud.send("POST", "/bkt/a/b?uploads", {{"Content-Type", "x/y"}, {"x-goog-meta-k", "v"}});
    id = between(reply.body, "<UploadId>", "</UploadId>");
  }

  sim::Reply put(const std::string& number, std::string_view bytes, const Headers& headers = {}) {
    return cloud.send("PUT", "/bkt/a/b?partNumber=" + number + "&uploadId=" + id, headers, bytes);
  }
  std::string part(const std::string& number, std::string_view bytes) {
    return "<Part><PartNumber>" + number + "</PartNumber><ETag>" +
           header_of(put(number, bytes), "ETag") + "</ETag></Part>";
  }
  sim::Reply complete(const std::string& parts, const Headers& headers = {}) {
    return cloud.send("POST", "/bkt/a/b?uploadId=" + id, headers,
                      "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
  }

  Cloud cloud;
  std::string id{};
};

TEST_CASE("an upload in parts makes an object with a CRC32C and no MD5", "[simulated_gcs]") {
  Parts upload;

  const auto reply = upload.complete(upload.part("1", "1234") + upload.part("2", "56789"));

  CHECK(reply.status == 200);
  CHECK(between(reply.body, "<Key>", "</Key>") == "a/b");
  CHECK(upload.cloud.server.content("a/b") == "123456789");
  const Json object = json_of(upload.cloud.send("GET", "/storage/v1/b/bkt/o/a%2Fb"));
  CHECK(object["crc32c"] == "4waSgw==");
  CHECK_FALSE(object.contains("md5Hash"));
  CHECK(object["contentType"] == "x/y");
  CHECK(object["metadata"]["k"] == "v");
  CHECK_FALSE(contains(reply.body, "25f9e794323b453885f5181f1b624d0b"));
}

TEST_CASE("a part is answered with its ETag and hashes, and its hash is checked",
          "[simulated_gcs]") {
  Parts upload;

  const auto reply = upload.put("1", "123456789", {{"x-goog-hash", "crc32c=4waSgw=="}});

  CHECK(header_of(reply, "ETag") == kMd5Etag);
  CHECK(header_of(reply, "x-goog-hash") == "crc32c=4waSgw==");
  CHECK(code_of(upload.put("1", "x", {{"x-goog-hash", "crc32c=AAAAAA=="}})) == "BadDigest");
  CHECK(upload.put("0", "x").status == 400);
  CHECK(upload.put("10001", "x").status == 400);
}

TEST_CASE("a part that is too small is only good as the last one", "[simulated_gcs]") {
  Parts upload;
  const std::string first = upload.part("1", "123");

  CHECK(code_of(upload.complete(first + upload.part("2", "4567"))) == "EntityTooSmall");
  CHECK(upload.complete(first).status == 200);
}

TEST_CASE("parts have to be known and in order", "[simulated_gcs]") {
  Parts upload;
  const std::string first = upload.part("1", "1234");
  const std::string second = upload.part("2", "5678");

  CHECK(code_of(upload.complete(second + first)) == "InvalidPartOrder");
  CHECK(code_of(upload.complete("<Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>")) ==
        "InvalidPart");
  CHECK(code_of(upload.complete("")) == "MalformedXML");
}

TEST_CASE("a precondition in an upload in parts is refused and written down", "[simulated_gcs]") {
  Parts upload;
  const std::string part = upload.part("1", "1234");

  CHECK(upload.complete(part, {{"x-goog-if-generation-match", "0"}}).status == 400);
  CHECK(upload.cloud.server.violations().size() == 1);
}

TEST_CASE("a second Complete finds no upload, or says the same again", "[simulated_gcs]") {
  Parts once;
  Parts twice({.completes_twice = true});
  const std::string part = once.part("1", "1234");
  static_cast<void>(twice.part("1", "1234"));

  CHECK(once.complete(part).status == 200);
  CHECK(code_of(once.complete(part)) == "NoSuchUpload");
  CHECK(twice.complete(part).body == twice.complete(part).body);
  CHECK(twice.complete(part).status == 200);
}

TEST_CASE("an aborted upload is gone", "[simulated_gcs]") {
  Parts upload;

  CHECK(upload.cloud.send("DELETE", "/bkt/a/b?uploadId=" + upload.id).status == 204);
  CHECK(code_of(upload.put("1", "x")) == "NoSuchUpload");
  CHECK(upload.cloud.send("DELETE", "/bkt/a/b?uploadId=" + upload.id).status == 404);
  CHECK(upload.cloud.server.leftovers() == 0);
}

TEST_CASE("parts and uploads can be listed", "[simulated_gcs]") {
  Parts upload;
  static_cast<void>(upload.put("7", "1234"));

  const auto parts = upload.cloud.send("GET", "/bkt/a/b?uploadId=" + upload.id);
  const auto uploads = upload.cloud.send("GET", "/bkt?uploads&prefix=a%2F");

  CHECK(between(parts.body, "<PartNumber>", "</PartNumber>") == "7");
  CHECK(between(uploads.body, "<Key>", "</Key>") == "a/b");
  CHECK(between(uploads.body, "<UploadId>", "</UploadId>") == upload.id);
  CHECK_FALSE(contains(upload.cloud.send("GET", "/bkt?uploads&prefix=b").body, "<Upload>"));
}

TEST_CASE("uploads are listed page by page", "[simulated_gcs]") {
  Parts upload;
  static_cast<void>(upload.cloud.send("POST", "/bkt/c?uploads"));

  const auto first = upload.cloud.send("GET", "/bkt?uploads&max-uploads=1");
  const auto second = upload.cloud.send(
      "GET", "/bkt?uploads&max-uploads=1&key-marker=a%2Fb&upload-id-marker=" + upload.id);

  CHECK(between(first.body, "<IsTruncated>", "</IsTruncated>") == "true");
  CHECK(between(first.body, "<NextKeyMarker>", "</NextKeyMarker>") == "a/b");
  CHECK(between(second.body, "<Key>", "</Key>") == "c");
  CHECK(between(second.body, "<IsTruncated>", "</IsTruncated>") == "false");
}

TEST_CASE("a server without uploads in parts says so", "[simulated_gcs]") {
  Cloud cloud({.has_xml_uploads = false});

  CHECK(code_of(cloud.send("POST", "/bkt/k?uploads")) == "NotImplemented");
}

}  // namespace
