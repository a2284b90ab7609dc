// JSON API: bytes in and out, metadata, preconditions. The expected values are those of Google's
// API reference; the hashes are those of the CRC catalogue and of `openssl md5` for "123456789".
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

constexpr const char* kCrc32c = "4waSgw==";
constexpr const char* kMd5 = "JfnnlDI7RTiF9RgfG2JNCw==";

std::string related(const std::string& metadata, const std::string& bytes) {
  return "--frontier\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" + metadata +
         "\r\n--frontier\r\nContent-Type: text/plain\r\n\r\n" + bytes + "\r\n--frontier--\r\n";
}

sim::Reply insert_related(Cloud& cloud, const std::string& metadata, const std::string& bytes,
                          const std::string& query = {}) {
  return cloud.send("POST", "/upload/storage/v1/b/bkt/o?uploadType=multipart" + query,
                    {{"Content-Type", "multipart/related; boundary=frontier"}},
                    related(metadata, bytes));
}

TEST_CASE("a simple upload answers with the resource of the object", "[simulated_gcs]") {
  Cloud cloud;

  const Json object = cloud.insert("a%2Fb", "123456789");

  CHECK(object["kind"] == "storage#object");
  CHECK(object["name"] == "a/b");
  CHECK(object["bucket"] == "bkt");
  CHECK(object["size"] == "9");
  CHECK(object["crc32c"] == kCrc32c);
  CHECK(object["md5Hash"] == kMd5);
  CHECK(object["contentType"] == "text/plain");
  CHECK(object["metageneration"] == "1");
  CHECK(object["timeCreated"] == "2026-02-12T00:00:00.000Z");
  CHECK(cloud.server.content("a/b") == "123456789");
}

TEST_CASE("generations have sixteen digits and rise with each write", "[simulated_gcs]") {
  Cloud cloud;

  const std::string first = cloud.insert("k", "one")["generation"];
  const std::string second = cloud.insert("k", "two")["generation"];

  CHECK(first.size() == 16);
  CHECK(std::stoll(second) > std::stoll(first));
}

TEST_CASE("an upload in two parts takes the metadata of the first", "[simulated_gcs]") {
  Cloud cloud;

  const Json object = json_of(insert_related(
      cloud, R"({"name":"k","contentType":"x/y","metadata":{"Color":"blue"}})", "123456789"));

  CHECK(object["contentType"] == "x/y");
  CHECK(object["metadata"]["Color"] == "blue");
  CHECK(cloud.server.content("k") == "123456789");
}

TEST_CASE("an upload in two parts takes the media type of the second", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(json_of(insert_related(cloud, R"({"name":"k"})", "x"))["contentType"] == "text/plain");
}

TEST_CASE("an upload with the wrong CRC32C or MD5 is refused with 400", "[simulated_gcs]") {
  Cloud cloud;

  const auto crc = insert_related(cloud, R"({"name":"k","crc32c":"AAAAAA=="})", "123456789");
  const auto md5 = insert_related(cloud, R"({"name":"k","md5Hash":"AAAA"})", "123456789");

  CHECK(crc.status == 400);
  CHECK(reason_of(crc) == "invalid");
  CHECK(md5.status == 400);
  CHECK_FALSE(cloud.server.content("k"));
}

TEST_CASE("two different names in one upload are refused", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(insert_related(cloud, R"({"name":"k"})", "x", "&name=other").status == 400);
}

TEST_CASE("ifGenerationMatch=0 creates only what is not there", "[simulated_gcs]") {
  Cloud cloud;
  const std::string target =
      "/upload/storage/v1/b/bkt/o?uploadType=media&name=k&ifGenerationMatch=0";

  CHECK(cloud.send("POST", target, {}, "first").status == 200);
  const auto second = cloud.send("POST", target, {}, "second");

  CHECK(second.status == 412);
  CHECK(reason_of(second) == "conditionNotMet");
  CHECK(json_of(second)["error"]["code"] == 412);
  CHECK(cloud.server.content("k") == "first");
}

TEST_CASE("a write for another generation is refused", "[simulated_gcs]") {
  Cloud cloud;
  const std::string target =
      "/upload/storage/v1/b/bkt/o?uploadType=media&name=k&ifGenerationMatch=";
  const std::string generation = cloud.insert("k", "first")["generation"];

  CHECK(cloud.send("POST", target + "1", {}, "x").status == 412);
  CHECK(cloud.send("POST", target + generation, {}, "second").status == 200);
  CHECK(cloud.send("POST", target + generation, {}, "third").status == 412);
}

TEST_CASE("a condition and its opposite exclude each other", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  CHECK(cloud.send("GET", "/storage/v1/b/bkt/o/k?ifGenerationMatch=1&ifGenerationNotMatch=2")
            .status == 400);
}

TEST_CASE("a download has the hashes, generation and size in its headers", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("k", "123456789")["generation"];

  const auto reply = cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media");

  CHECK(reply.status == 200);
  CHECK(reply.body == "123456789");
  CHECK(header_of(reply, "x-goog-generation") == generation);
  CHECK(header_of(reply, "x-goog-metageneration") == "1");
  CHECK(header_of(reply, "x-goog-hash") == std::string("crc32c=") + kCrc32c);
  CHECK(std::ranges::count(reply.headers, std::pair<std::string, std::string>(
                                              "x-goog-hash", std::string("md5=") + kMd5)) == 1);
  CHECK(header_of(reply, "x-goog-stored-content-length") == "9");
  CHECK(header_of(reply, "x-goog-stored-content-encoding") == "identity");
  CHECK(header_of(reply, "x-goog-storage-class") == "STANDARD");
}

TEST_CASE("the download path serves the same bytes", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a%2Fb", "123456789");

  CHECK(cloud.send("GET", "/download/storage/v1/b/bkt/o/a%2Fb?alt=media").body == "123456789");
}

TEST_CASE("a range is answered with 206 and its place", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "123456789");
  const auto range = [&](const std::string& text) {
    return cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media", {{"Range", text}});
  };

  CHECK(range("bytes=2-4").status == 206);
  CHECK(range("bytes=2-4").body == "345");
  CHECK(header_of(range("bytes=2-4"), "Content-Range") == "bytes 2-4/9");
  CHECK(range("bytes=7-100").body == "89");
  CHECK(range("bytes=-3").body == "789");
  CHECK(range("bytes=9-").status == 416);
}

TEST_CASE("a read of another generation finds nothing", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("k", "first")["generation"];
  cloud.insert("k", "second");

  CHECK(cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media&generation=" + generation).status ==
        404);
  CHECK(
      cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media&ifGenerationMatch=" + generation).status ==
      412);
}

TEST_CASE("ifGenerationNotMatch answers 304 without a body", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("k", "x")["generation"];

  const auto reply =
      cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media&ifGenerationNotMatch=" + generation);

  CHECK(reply.status == 304);
  CHECK(reply.body.empty());
}

TEST_CASE("what is not there is said in JSON, and for downloads in plain text", "[simulated_gcs]") {
  Cloud cloud;

  const auto metadata = cloud.send("GET", "/storage/v1/b/bkt/o/a%2Fb");
  const auto media = cloud.send("GET", "/storage/v1/b/bkt/o/a%2Fb?alt=media");

  CHECK(metadata.status == 404);
  CHECK(reason_of(metadata) == "notFound");
  CHECK(json_of(metadata)["error"]["message"] == "No such object: bkt/a/b");
  CHECK(media.status == 404);
  CHECK(media.body == "No such object: bkt/a/b");
}

TEST_CASE("fields selects members, and what it can't select is refused", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  const Json object = json_of(cloud.send("GET", "/storage/v1/b/bkt/o/k?fields=name,size"));

  CHECK(object == Json{{"name", "k"}, {"size", "1"}});
  const auto refused = cloud.send("GET", "/storage/v1/b/bkt/o/k?fields=name(");
  CHECK(refused.status == 400);
  CHECK(reason_of(refused) == "invalidParameter");
}

TEST_CASE("a patch changes the metadata, and only the metageneration rises", "[simulated_gcs]") {
  Cloud cloud;
  const Json before =
      json_of(insert_related(cloud, R"({"name":"k","metadata":{"a":"1","b":"2"}})", "123456789"));

  const Json after =
      json_of(cloud.send("PATCH", "/storage/v1/b/bkt/o/k?ifMetagenerationMatch=1", {},
                         R"({"metadata":{"a":null,"c":"3"},"cacheControl":"no-store"})"));

  CHECK(after["generation"] == before["generation"]);
  CHECK(after["metageneration"] == "2");
  CHECK(after["metadata"] == Json{{"b", "2"}, {"c", "3"}});
  CHECK(after["cacheControl"] == "no-store");
  CHECK(after["contentType"] == "text/plain");
  CHECK(cloud.send("PATCH", "/storage/v1/b/bkt/o/k?ifMetagenerationMatch=1", {}, "{}").status ==
        412);
}

TEST_CASE("a delete answers 204, and 404 the second time", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  CHECK(cloud.send("DELETE", "/storage/v1/b/bkt/o/k").status == 204);
  CHECK(cloud.send("DELETE", "/storage/v1/b/bkt/o/k").status == 404);
}

TEST_CASE("a delete of another generation leaves the object alone", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  CHECK(cloud.send("DELETE", "/storage/v1/b/bkt/o/k?ifGenerationMatch=1").status == 412);
  CHECK(cloud.server.content("k") == "x");
}

TEST_CASE("a bucket has a resource, and another bucket is not there", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(json_of(cloud.send("GET", "/storage/v1/b/bkt"))["kind"] == "storage#bucket");
  const auto other = cloud.send("GET", "/storage/v1/b/other");
  CHECK(other.status == 404);
  CHECK(contains(other.body, "The specified bucket does not exist."));
}

TEST_CASE("a gzip object has to be asked for as it is stored", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x", "&contentEncoding=gzip");
  const std::string target = "/storage/v1/b/bkt/o/k?alt=media";

  CHECK(cloud.send("GET", target, {{"Accept-Encoding", "gzip"}}).status == 200);
  CHECK(cloud.send("GET", target).status == 400);
  CHECK(cloud.server.violations().size() == 1);
}

}  // namespace
