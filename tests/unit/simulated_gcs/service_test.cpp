// What tests see behind the API's back, and Cloud Storage's form of faults.
#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;
using sim::Fault;

TEST_CASE("an object that was there before has the checksums that were asked for",
          "[simulated_gcs]") {
  Cloud cloud;
  cloud.server.add("a", "123456789", "md5");
  cloud.server.add("b", "123456789", "crc32c");

  const auto resource = [&](const std::string& name) {
    return json_of(cloud.send("GET", "/storage/v1/b/bkt/o/" + name));
  };

  CHECK(resource("a").contains("md5Hash"));
  CHECK(resource("b")["crc32c"] == "4waSgw==");
  CHECK_FALSE(resource("b").contains("md5Hash"));
}

TEST_CASE("what an object has held is remembered", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "before");
  cloud.server.write_foreign("k", "theirs");

  CHECK(cloud.server.has_held("k", "before"));
  CHECK(cloud.server.has_held("k", "theirs"));
  CHECK_FALSE(cloud.server.has_held("k", "never"));
  CHECK(cloud.server.foreign_writes("k") == 1);
  CHECK(cloud.server.foreign_writes("other") == 0);
}

TEST_CASE("faults come in the words of Cloud Storage", "[simulated_gcs]") {
  Cloud cloud;

  const auto busy = cloud.server.refusal(Fault::status_429);
  CHECK(busy.status == 429);
  CHECK(reason_of(busy) == "rateLimitExceeded");
  CHECK(cloud.server.refusal(Fault::status_503).status == 503);
  CHECK(reason_of(cloud.server.refusal(Fault::status_500)) == "internalError");
}

TEST_CASE("from the fault on, no token is good any more", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");

  cloud.server.change(Fault::expired);

  CHECK(cloud.send("GET", "/storage/v1/b/bkt/o/k").status == 401);
}

TEST_CASE("one call of the next batch can fail, and is not carried out", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  const std::string body =
      "--b\r\nContent-Type: application/http\r\n\r\n"
      "DELETE /storage/v1/b/bkt/o/k HTTP/1.1\r\n\r\n\r\n--b--";
  const auto send = [&] {
    return cloud
        .send("POST", "/batch/storage/v1", {{"Content-Type", "multipart/mixed; boundary=b"}}, body)
        .body;
  };
  cloud.server.change(Fault::entry_refused);

  CHECK(contains(send(), "HTTP/1.1 503 "));
  CHECK(cloud.server.content("k") == "x");
  CHECK(contains(send(), "HTTP/1.1 204 "));
}

/// The path and query of a new session's address.
std::string start_session(Cloud& cloud) {
  const auto reply = cloud.send("POST", "/upload/storage/v1/b/bkt/o?uploadType=resumable&name=k");
  const std::string location = header_of(reply, "Location");
  return location.substr(location.find("/upload"));
}

TEST_CASE("less of the next chunk can be kept", "[simulated_gcs]") {
  Cloud cloud;
  const std::string session = start_session(cloud);
  cloud.server.change(Fault::kept_less);

  const auto reply = cloud.bare("PUT", session, {{"Content-Range", "bytes 0-8/9"}}, "123456789");

  CHECK(reply.status == 308);
  CHECK(header_of(reply, "Range") == "bytes=0-3");
  CHECK(cloud.bare("PUT", session, {{"Content-Range", "bytes 4-8/9"}}, "56789").status == 200);
}

TEST_CASE("the sessions under way can be lost, and new ones are not", "[simulated_gcs]") {
  Cloud cloud;
  const std::string session = start_session(cloud);
  cloud.server.change(Fault::uploads_lost);

  CHECK(cloud.bare("PUT", session, {{"Content-Range", "bytes */*"}}).status == 404);
  CHECK(cloud.bare("PUT", start_session(cloud), {{"Content-Range", "bytes */*"}}).status == 308);
}

TEST_CASE("faults are known where Cloud Storage can have them", "[simulated_gcs]") {
  Cloud cloud;
  std::array<std::byte, 1> memory{};
  const auto knows = [&](Fault fault, const std::string& method, const std::string& target,
                         const cairn::vfs::net::Exchange& exchange = {}) {
    return cloud.server.knows(fault, make_request(method, "http://h" + target, {}, "x"), exchange);
  };
  const std::string session = "/upload/storage/v1/b/bkt/o?uploadType=resumable&upload_id=1";

  CHECK(knows(Fault::garbage, "GET", "/storage/v1/b/bkt/o"));
  CHECK_FALSE(
      knows(Fault::garbage, "GET", "/storage/v1/b/bkt/o/k?alt=media", {.destination = memory}));
  CHECK_FALSE(knows(Fault::cut_body, "DELETE", "/storage/v1/b/bkt/o/k"));
  CHECK_FALSE(knows(Fault::cut_body, "PUT", "/bkt/k?partNumber=1&uploadId=1"));
  CHECK(knows(Fault::cut_body, "POST", "/bkt/k?uploadId=1"));
  CHECK(knows(Fault::kept_less, "PUT", session));
  CHECK_FALSE(knows(Fault::kept_less, "PUT", "/bkt/k"));
  CHECK(knows(Fault::uploads_lost, "PUT", session));
  CHECK(knows(Fault::entry_refused, "POST", "/batch/storage/v1"));
  CHECK_FALSE(knows(Fault::moved_301, "GET", "/storage/v1/b/bkt/o/k"));
  CHECK_FALSE(knows(Fault::ok_error, "POST", "/bkt/k?uploadId=1"));
}

TEST_CASE("an answer can lose what names the version", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  auto media = cloud.send("GET", "/storage/v1/b/bkt/o/k?alt=media");
  auto list = cloud.send("GET", "/storage/v1/b/bkt/o");

  cloud.server.remove_version(media);
  cloud.server.remove_version(list);

  CHECK(media.find("x-goog-generation") == nullptr);
  CHECK(media.body == "x");
  CHECK_FALSE(contains(list.body, "\"generation\""));
  CHECK(json_of(list)["items"][0]["name"] == "k");
}

TEST_CASE("the whole object can come for a range", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "123456789");
  const auto request =
      make_request("GET", "http://127.0.0.1:4443/storage/v1/b/bkt/o/k?alt=media",
                   {{"Authorization", "Bearer token"}, {"Range", "bytes=0-1"}}, {});

  const auto reply = cloud.server.whole(request);

  CHECK(reply.status == 200);
  CHECK(reply.body == "123456789");
}

TEST_CASE("a lost id of an upload excuses what it leaves behind", "[simulated_gcs]") {
  Cloud cloud;
  const auto excuses = [&](const std::string& method, const std::string& target) {
    return cloud.server.excuses_leftover(make_request(method, "http://h" + target, {}, {}));
  };

  CHECK(excuses("POST", "/upload/storage/v1/b/bkt/o?uploadType=resumable&name=k"));
  CHECK(excuses("POST", "/bkt/k?uploads"));
  CHECK(excuses("DELETE", "/bkt/k?uploadId=1"));
  CHECK_FALSE(excuses("PUT", "/bkt/k?partNumber=1&uploadId=1"));
  CHECK_FALSE(excuses("DELETE", "/storage/v1/b/bkt/o/k"));
}

}  // namespace
