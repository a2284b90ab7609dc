// JSON API: resumable uploads, as
// https://cloud.google.com/storage/docs/performing-resumable-uploads describes them. Chunks of 4
// bytes take the place of 256 KiB.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

/// A session under way.
struct Session {
  explicit Session(sim::gcs::Options options = {}, const std::string& query = {},
                   const std::string& metadata = {}, Headers headers = {})
      : cloud([&] {
          options.chunk = 4;
          return options;
        }()) {
    const auto reply =
        cloud.send("POST", "/upload/storage/v1/b/bkt/o?uploadType=resumable&name=a%2Fb" + query,
                   std::move(headers), metadata);
    status = reply.status;
    const std::string location = header_of(reply, "Location");
    target = location.substr(std::min(location.find("/upload"), location.size()));
  }

  sim::Reply put(const std::string& range, std::string_view bytes, Headers headers = {}) {
    headers.emplace_back("Content-Range", "bytes " + range);
    return cloud.bare("PUT", target, headers, bytes);
  }

  Cloud cloud;
  int status{0};
  std::string target{};
};

TEST_CASE("a session starts with an address that needs no other credentials", "[simulated_gcs]") {
  Session session;

  CHECK(session.status == 200);
  CHECK(session.put("*/*", "").status == 308);
  CHECK(session.cloud.server.leftovers() == 1);
}

TEST_CASE("a session of which nothing is persisted has no Range", "[simulated_gcs]") {
  Session session;

  const auto reply = session.put("*/*", "");

  CHECK(reply.status == 308);
  CHECK(reply.find("Range") == nullptr);
}

TEST_CASE("a chunk is answered with 308 and what is persisted", "[simulated_gcs]") {
  Session session;

  const auto reply = session.put("0-7/*", "12345678");

  CHECK(reply.status == 308);
  CHECK(header_of(reply, "Range") == "bytes=0-7");
  CHECK(header_of(session.put("*/9", ""), "Range") == "bytes=0-7");
}

TEST_CASE("the last chunk names the size and is answered with the object", "[simulated_gcs]") {
  Session session;
  static_cast<void>(session.put("0-7/*", "12345678"));

  const auto reply = session.put("8-8/9", "9");

  CHECK(reply.status == 200);
  CHECK(json_of(reply)["crc32c"] == "4waSgw==");
  CHECK(session.cloud.server.content("a/b") == "123456789");
  CHECK(session.cloud.server.leftovers() == 0);
}

TEST_CASE("a question for the status after the end is answered with the object",
          "[simulated_gcs]") {
  Session session;
  const auto end = session.put("0-8/9", "123456789");

  CHECK(session.put("*/*", "").body == end.body);
  CHECK(session.put("*/9", "").status == 200);
}

TEST_CASE("the size alone ends an upload whose bytes are all there", "[simulated_gcs]") {
  Session session;
  static_cast<void>(session.put("0-7/*", "12345678"));

  CHECK(session.put("*/8", "").status == 200);
  CHECK(session.cloud.server.content("a/b") == "12345678");
}

TEST_CASE("an empty object is ended by its size", "[simulated_gcs]") {
  Session session;

  CHECK(session.put("*/0", "").status == 200);
  CHECK(session.cloud.server.content("a/b") == "");
}

TEST_CASE("a body without Content-Range is the whole object", "[simulated_gcs]") {
  Session session;

  CHECK(session.cloud.bare("PUT", session.target, {}, "123456789").status == 200);
  CHECK(session.cloud.server.content("a/b") == "123456789");
}

TEST_CASE("less may be persisted than was sent", "[simulated_gcs]") {
  Session session({.persisted = {4, 0}});

  CHECK(header_of(session.put("0-7/*", "12345678"), "Range") == "bytes=0-3");
  CHECK(header_of(session.put("4-8/9", "56789"), "Range") == "bytes=0-3");
  CHECK(session.put("4-8/9", "56789").status == 200);
  CHECK(session.cloud.server.content("a/b") == "123456789");
}

TEST_CASE("bytes that are persisted already are ignored", "[simulated_gcs]") {
  Session session;
  static_cast<void>(session.put("0-7/*", "12345678"));

  CHECK(session.put("4-8/9", "xxxx9").status == 200);
  CHECK(session.cloud.server.content("a/b") == "123456789");
}

TEST_CASE("a chunk that leaves a gap is refused and written down", "[simulated_gcs]") {
  Session session;

  CHECK(session.put("4-7/*", "5678").status == 400);
  CHECK(session.cloud.server.violations().size() == 1);
}

TEST_CASE("a chunk that is no multiple of 256 KiB and not the last is refused", "[simulated_gcs]") {
  Session session;

  CHECK(session.put("0-4/*", "12345").status == 400);
  CHECK(session.put("0-4/9", "12345").status == 400);
  CHECK(session.cloud.server.violations().size() == 2);
}

TEST_CASE("a chunk that is shorter than it says is refused", "[simulated_gcs]") {
  Session session;

  CHECK(session.put("0-7/*", "1234").status == 400);
}

TEST_CASE("the size must be the one that was announced", "[simulated_gcs]") {
  Session session({}, {}, {}, {{"X-Upload-Content-Length", "10"}});

  CHECK(session.put("0-8/9", "123456789").status == 400);
  CHECK_FALSE(session.cloud.server.content("a/b"));
}

TEST_CASE("the announced type becomes the object's", "[simulated_gcs]") {
  Session session({}, {}, {}, {{"X-Upload-Content-Type", "x/y"}});

  CHECK(json_of(session.put("0-0/1", "1"))["contentType"] == "x/y");
}

TEST_CASE("the metadata of the start becomes the object's", "[simulated_gcs]") {
  Session session({}, {}, R"({"contentType":"x/y","metadata":{"k":"v"}})");

  const Json object = json_of(session.put("0-0/1", "1"));

  CHECK(object["contentType"] == "x/y");
  CHECK(object["metadata"]["k"] == "v");
}

TEST_CASE("the CRC32C of the start is checked at the end", "[simulated_gcs]") {
  Session session({}, {}, R"({"crc32c":"AAAAAA=="})");

  CHECK(session.put("0-8/9", "123456789").status == 400);
  CHECK_FALSE(session.cloud.server.content("a/b"));
}

TEST_CASE("X-Goog-Hash of the last chunk is that of the whole object", "[simulated_gcs]") {
  Session right;
  Session wrong;
  static_cast<void>(right.put("0-3/*", "1234"));
  static_cast<void>(wrong.put("0-3/*", "1234"));

  CHECK(right.put("4-8/9", "56789", {{"X-Goog-Hash", "crc32c=4waSgw=="}}).status == 200);
  CHECK(wrong.put("4-8/9", "56789", {{"X-Goog-Hash", "crc32c=AAAAAA=="}}).status == 400);
}

TEST_CASE("a precondition is judged at the start and again at the end", "[simulated_gcs]") {
  Session session({}, "&ifGenerationMatch=0");
  session.cloud.insert("a%2Fb", "another client");

  const auto reply = session.put("0-0/1", "1");

  CHECK(reply.status == 412);
  CHECK(session.cloud.server.content("a/b") == "another client");
  CHECK(session.cloud
            .send("POST",
                  "/upload/storage/v1/b/bkt/o?uploadType=resumable&name=a%2Fb&ifGenerationMatch=0")
            .status == 412);
}

TEST_CASE("a session that is lost answers 404 or 410", "[simulated_gcs]") {
  Session session;
  session.cloud.server.options().lost_sessions = 410;
  CHECK(session.put("*/*", "").status == 410);

  session.cloud.server.options().lost_sessions = 404;
  CHECK(session.put("*/*", "").status == 404);
}

TEST_CASE("a cancelled session answers 499", "[simulated_gcs]") {
  Session session;

  CHECK(session.cloud.bare("DELETE", session.target).status == 499);
  CHECK(session.put("*/*", "").status == 499);
  CHECK(session.cloud.server.leftovers() == 0);
}

}  // namespace
