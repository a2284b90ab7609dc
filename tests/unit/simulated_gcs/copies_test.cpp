// JSON API: compose, rewrite, move and batch, by Google's API reference.
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

sim::Reply compose(Cloud& cloud, const std::string& body, const std::string& query = {}) {
  return cloud.send("POST", "/storage/v1/b/bkt/o/all/compose" + query,
                    {{"Content-Type", "application/json"}}, body);
}

TEST_CASE("compose joins objects, and the result has a CRC32C and no MD5", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("p1", "1234");
  cloud.insert("p2", "56789");

  const Json object = json_of(compose(
      cloud,
      R"({"destination":{"metadata":{"k":"v"}},"sourceObjects":[{"name":"p1"},{"name":"p2"}]})"));

  CHECK(object["name"] == "all");
  CHECK(object["crc32c"] == "4waSgw==");
  CHECK_FALSE(object.contains("md5Hash"));
  CHECK(object["componentCount"] == 2);
  CHECK(object["metadata"]["k"] == "v");
  CHECK(cloud.server.content("all") == "123456789");
  CHECK(cloud.server.content("p1") == "1234");
}

TEST_CASE("the components of composed objects add up", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("p", "x");
  static_cast<void>(compose(cloud, R"({"sourceObjects":[{"name":"p"},{"name":"p"}]})"));

  const Json object = json_of(compose(cloud, R"({"sourceObjects":[{"name":"all"},{"name":"p"}]})"));

  CHECK(object["componentCount"] == 3);
}

TEST_CASE("compose takes 32 sources and no more", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("p", "x");
  Json sources = Json::array();
  for (int i = 0; i < 32; ++i) sources.push_back({{"name", "p"}});

  CHECK(compose(cloud, Json{{"sourceObjects", sources}}.dump()).status == 200);
  sources.push_back({{"name", "p"}});
  CHECK(compose(cloud, Json{{"sourceObjects", sources}}.dump()).status == 400);
  CHECK(compose(cloud, R"({"sourceObjects":[]})").status == 400);
}

TEST_CASE("compose judges each source's generation and the destination's", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("p", "x")["generation"];
  const auto with = [&](const std::string& match) {
    return R"({"sourceObjects":[{"name":"p","objectPreconditions":{"ifGenerationMatch":")" + match +
           R"("}}]})";
  };

  CHECK(compose(cloud, with("1")).status == 412);
  CHECK(compose(cloud, with(generation), "?ifGenerationMatch=0").status == 200);
  CHECK(compose(cloud, with(generation), "?ifGenerationMatch=0").status == 412);
}

TEST_CASE("compose of what is not there is 404", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(compose(cloud, R"({"sourceObjects":[{"name":"p"}]})").status == 404);
}

TEST_CASE("rewrite copies bytes and metadata", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a%2Fb", "123456789");

  const Json answer =
      json_of(cloud.send("POST", "/storage/v1/b/bkt/o/a%2Fb/rewriteTo/b/bkt/o/c%2Fd"));

  CHECK(answer["kind"] == "storage#rewriteResponse");
  CHECK(answer["done"] == true);
  CHECK(answer["objectSize"] == "9");
  CHECK(answer["totalBytesRewritten"] == "9");
  CHECK(answer["resource"]["name"] == "c/d");
  CHECK(answer["resource"]["contentType"] == "text/plain");
  CHECK(cloud.server.content("c/d") == "123456789");
}

TEST_CASE("rewrite takes the metadata of its body", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a", "x");

  const Json answer = json_of(cloud.send("POST", "/storage/v1/b/bkt/o/a/rewriteTo/b/bkt/o/b", {},
                                         R"({"contentType":"x/y","metadata":{"k":"v"}})"));

  CHECK(answer["resource"]["contentType"] == "x/y");
  CHECK(answer["resource"]["metadata"]["k"] == "v");
}

TEST_CASE("a rewrite may take several calls, joined by its token", "[simulated_gcs]") {
  Cloud cloud({.rewrite_calls = 3});
  cloud.insert("a", "123456789");
  const std::string target = "/storage/v1/b/bkt/o/a/rewriteTo/b/bkt/o/b";

  const Json first = json_of(cloud.send("POST", target));
  const std::string token = first["rewriteToken"];
  const Json second = json_of(cloud.send("POST", target + "?rewriteToken=" + token));
  CHECK_FALSE(cloud.server.content("b"));
  const Json third = json_of(cloud.send("POST", target + "?rewriteToken=" + token));

  CHECK(first["done"] == false);
  CHECK(first["totalBytesRewritten"] == "3");
  CHECK(second["done"] == false);
  CHECK(third["done"] == true);
  CHECK(cloud.server.content("b") == "123456789");
}

TEST_CASE("a rewrite token is worth nothing once the source has changed", "[simulated_gcs]") {
  Cloud cloud({.rewrite_calls = 2});
  cloud.insert("a", "one");
  const std::string target = "/storage/v1/b/bkt/o/a/rewriteTo/b/bkt/o/b";
  const std::string token = json_of(cloud.send("POST", target))["rewriteToken"];
  cloud.insert("a", "two");

  CHECK(cloud.send("POST", target + "?rewriteToken=" + token).status == 400);
}

TEST_CASE("rewrite judges the source and the destination", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("a", "x")["generation"];
  cloud.insert("b", "y");
  const std::string target = "/storage/v1/b/bkt/o/a/rewriteTo/b/bkt/o/b?";

  CHECK(cloud.send("POST", target + "ifSourceGenerationMatch=1").status == 412);
  CHECK(cloud.send("POST", target + "sourceGeneration=1").status == 404);
  CHECK(cloud.send("POST", target + "ifGenerationMatch=0").status == 412);
  CHECK(cloud.send("POST", target + "ifSourceGenerationMatch=" + generation).status == 200);
}

TEST_CASE("move gives an object a new name and a new generation", "[simulated_gcs]") {
  Cloud cloud;
  const std::string generation = cloud.insert("a%2Fb", "123456789")["generation"];

  const Json object = json_of(cloud.send("POST", "/storage/v1/b/bkt/o/a%2Fb/moveTo/o/c%2Fd"));

  CHECK(object["name"] == "c/d");
  CHECK(object["generation"] != generation);
  CHECK(cloud.server.keys() == std::vector<std::string>{"c/d"});
}

TEST_CASE("move judges the destination, and is missing where a switch says so", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a", "x");
  cloud.insert("b", "y");

  CHECK(cloud.send("POST", "/storage/v1/b/bkt/o/a/moveTo/o/b?ifGenerationMatch=0").status == 412);
  CHECK(cloud.server.content("a") == "x");
  cloud.server.options().has_move = false;
  CHECK(cloud.send("POST", "/storage/v1/b/bkt/o/a/moveTo/o/b").status == 404);
}

// The form of https://cloud.google.com/storage/docs/batch#example
std::string batch_of(const std::vector<std::string>& requests) {
  std::string body;
  int id = 0;
  for (const std::string& request : requests) {
    body += "--===7330845974216740156==\r\nContent-Type: application/http\r\nContent-ID: <b29c+" +
            std::to_string(++id) + ">\r\n\r\n" + request + "\r\n";
  }
  return body + "--===7330845974216740156==--";
}

sim::Reply send_batch(Cloud& cloud, const std::vector<std::string>& requests) {
  return cloud.send("POST", "/batch/storage/v1",
                    {{"Content-Type", "multipart/mixed; boundary=\"===7330845974216740156==\""}},
                    batch_of(requests));
}

TEST_CASE("a batch carries out each call and answers each with its status", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a%2Fb", "x");

  const auto reply = send_batch(cloud, {"DELETE /storage/v1/b/bkt/o/a%2Fb HTTP/1.1\r\n\r\n",
                                        "DELETE /storage/v1/b/bkt/o/none HTTP/1.1\r\n\r\n"});

  CHECK(reply.status == 200);
  CHECK(contains(header_of(reply, "Content-Type"), "multipart/mixed; boundary="));
  CHECK(contains(reply.body, "Content-ID: <response-b29c+1>\r\n\r\nHTTP/1.1 204 "));
  CHECK(contains(reply.body, "Content-ID: <response-b29c+2>\r\n\r\nHTTP/1.1 404 "));
  CHECK(contains(reply.body, "No such object: bkt/none"));
  CHECK(cloud.server.keys().empty());
}

TEST_CASE("a batch of more than 100 calls is refused", "[simulated_gcs]") {
  Cloud cloud;
  const std::string request = "DELETE /storage/v1/b/bkt/o/k HTTP/1.1\r\n\r\n";

  CHECK(send_batch(cloud, std::vector<std::string>(100, request)).status == 200);
  CHECK(send_batch(cloud, std::vector<std::string>(101, request)).status == 400);
}

TEST_CASE("a batch carries no content of objects and no other service's calls", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(send_batch(cloud, {"GET /storage/v1/b/bkt/o/k?alt=media HTTP/1.1\r\n\r\n"}).status == 400);
  CHECK(send_batch(cloud, {"GET http://127.0.0.1/storage/v1/b/bkt HTTP/1.1\r\n\r\n"}).status ==
        400);
  CHECK(cloud.server.violations().size() == 2);
}

}  // namespace
