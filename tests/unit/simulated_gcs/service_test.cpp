// What tests see behind the API's back, and Cloud Storage's form of faults.
#include <algorithm>

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
