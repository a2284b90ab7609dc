// Where redirects lead, over real connections: nothing secret reaches another server.
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/vfs/http/site.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using test::Answer;
using test::Lines;
using test::Received;
using test::Reply;
using test::ScriptedServer;
using test::ScriptedSite;
using vfs::ErrorCode;

namespace {

vfs::Config with_secrets() {
  return {.retry = {.max_attempts = 2, .base_delay = std::chrono::milliseconds{1}},
          .web = {.bearer_token = "CANARY-token", .headers = {{"X-Api-Key", "CANARY-key"}}}};
}

Reply moved(int status, const std::string& location) {
  return {.status = status, .headers = {{"Location", location}}};
}

bool has_secret(const Received& request) {
  bool found = contains(request.target, "CANARY") || contains(request.body, "CANARY");
  for (const auto& [name, value] : request.headers) found = found || contains(value, "CANARY");
  return found;
}

}  // namespace

TEST_CASE("credentials go to their server and not to the one it redirects to", "[http][secret]") {
  for (const int status : {301, 302, 303, 307, 308}) {
    const ScriptedServer other({{.body = "text"}});
    const ScriptedServer own({moved(status, other.url() + "/cdn/f?part=1")});
    const auto files = vfs::FileSystem::open(own.url() + "/d?sig=CANARY-query", with_secrets());

    CHECK(files.read_text("f") == "text");

    REQUIRE(own.received().size() == 1);
    CHECK(own.received()[0].target == "/d/f?sig=CANARY-query");
    CHECK(own.received()[0].header("authorization") == "Bearer CANARY-token");
    CHECK(own.received()[0].header("x-api-key") == "CANARY-key");
    REQUIRE(other.received().size() == 1);
    CHECK(other.received()[0].target == "/cdn/f?part=1");
    CHECK_FALSE(has_secret(other.received()[0]));
    CHECK_FALSE(other.received()[0].header("range").empty());
  }
}

TEST_CASE("credentials stay within one server's redirects", "[http][secret]") {
  const ScriptedServer own({moved(302, "/g"), {.body = "text"}});
  const auto files = vfs::FileSystem::open(own.url(), with_secrets());
  CHECK(files.read_text("f") == "text");
  CHECK(own.received()[1].target == "/g");
  CHECK(own.received()[1].header("authorization") == "Bearer CANARY-token");
}

TEST_CASE("a write is repeated elsewhere with its body, without credentials", "[http][secret]") {
  const ScriptedServer other({{.status = 201, .headers = {{"ETag", "\"1\""}}}});
  const ScriptedServer own({moved(307, other.url() + "/disk/f")});
  const auto files = vfs::FileSystem::open(own.url(), with_secrets());
  CHECK(files.write("f", "the bytes").etag == "\"1\"");
  REQUIRE(other.received().size() == 1);
  CHECK(other.received()[0].method == "PUT");
  CHECK(other.received()[0].body == "the bytes");
  CHECK_FALSE(has_secret(other.received()[0]));
}

TEST_CASE("a removal is not repeated where a redirect leads", "[http]") {
  ScriptedSite site(
      std::vector<Answer>{{.headers = {{"content-length", "1"}}},
                          {.status = 302, .headers = {{"location", "http://web.example/other"}}}});
  const vfs::Path path("f");
  const auto error = test::error_of([&] { site.store->remove(std::span(&path, 1), {}); });
  CHECK(contains(error.what(), "not repeated elsewhere"));
  CHECK(site.lines() == Lines{"HEAD /f", "DELETE /f"});
}

TEST_CASE("redirects end after ten", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    return {.status = 302, .headers = {{"location", request.url + "x"}}};
  });
  const auto error = test::error_of([&] { static_cast<void>(site.store->stat("f", {})); });
  CHECK(contains(error.what(), "redirects more than 10 times"));
  CHECK(site.requests().size() == 11);
}

TEST_CASE("a redirect from https to http is refused before anything is sent there", "[http]") {
  ScriptedSite site(
      [](const vfs::net::Request&) -> Answer {
        return {.status = 302, .headers = {{"location", "http://web.example/f?sig=CANARY"}}};
      },
      {}, "https://web.example");
  const auto error = test::error_of([&] { static_cast<void>(site.store->stat("f", {})); });
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(contains(error.what(), "never followed"));
  CHECK_FALSE(contains(error.what(), "CANARY"));
  CHECK(site.requests().size() == 1);
}

TEST_CASE("the ranges of one read go where the first was sent to", "[http]") {
  const auto answers = [](const vfs::net::Request& request) -> Answer {
    if (request.url == "http://web.example/f") {
      return {.status = 302, .headers = {{"location", "http://cdn.example/f?sig=1"}}};
    }
    return {.status = 206,
            .headers = {{"etag", "\"1\""}, {"content-range", "bytes 0-1/10"}},
            .body = "01"};
  };
  ScriptedSite site(answers);
  std::string out(2, '?');
  const auto bytes = std::as_writable_bytes(std::span(out));
  site.store->read("f", 0, bytes, {});
  site.store->read("f", 0, bytes, {.if_match = "\"1\""});
  site.store->read("f", 0, bytes, {});  // a new read asks anew
  CHECK(site.lines() == Lines{"GET /f", "GET /f?sig=1", "GET /f?sig=1", "GET /f", "GET /f?sig=1"});
}

TEST_CASE("a place behind a redirect that has expired is looked for anew", "[http]") {
  int signed_urls = 0;
  const auto answers = [&signed_urls](const vfs::net::Request& request) -> Answer {
    if (request.url == "http://web.example/f") {
      const std::string url = "http://cdn.example/f?sig=" + std::to_string(++signed_urls);
      return {.status = 302, .headers = {{"location", url}}};
    }
    if (!request.url.ends_with("?sig=" + std::to_string(signed_urls))) return {.status = 403};
    return {.status = 206,
            .headers = {{"etag", "\"1\""}, {"content-range", "bytes 0-1/10"}},
            .body = "01"};
  };
  ScriptedSite site(answers);
  std::string out(2, '?');
  const auto bytes = std::as_writable_bytes(std::span(out));
  site.store->read("f", 0, bytes, {});
  signed_urls = 7;
  CHECK(site.store->read("f", 0, bytes, {.if_match = "\"1\""}).bytes == 2);
  CHECK(site.lines() == Lines{"GET /f", "GET /f?sig=1", "GET /f?sig=1", "GET /f", "GET /f?sig=8"});
}
