// stat, list and capabilities, against answers of real servers and of odd ones.
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/vfs/http/site.hpp"
#include "vfs/context.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using test::Answer;
using test::Lines;
using test::ScriptedSite;
using vfs::ErrorCode;
using vfs::FileType;

namespace {

Answer ok(std::vector<std::pair<std::string, std::string>> headers = {}, std::string body = {}) {
  return {.headers = std::move(headers), .body = std::move(body)};
}

Answer moved(const std::string& location) {
  return {.status = 301, .headers = {{"location", location}}};
}

Answer page(std::string body) {
  return ok({{"content-type", "text/html"}}, std::move(body));
}

Lines paths(const vfs::ListPage& page) {
  Lines out;
  for (const auto& info : page.entries) out.push_back(info.path.string());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("HEAD tells size, time, etag and type", "[http]") {
  ScriptedSite site(std::vector<Answer>{ok({{"content-length", "42"},
                                            {"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                            {"etag", "\"x\""},
                                            {"content-type", "text/plain"}})});
  const auto info = site.store->stat("d/a b", {});
  REQUIRE(info);
  CHECK(info->size == 42);
  CHECK(info->etag == "\"x\"");
  CHECK(info->content_type == "text/plain");
  CHECK(std::chrono::system_clock::to_time_t(info->modified) == 784111777);
  CHECK(site.lines() == Lines{"HEAD /d/a%20b"});
}

TEST_CASE("where HEAD is not allowed, the first byte tells as much", "[http]") {
  for (const int status : {403, 405, 501}) {
    ScriptedSite site(
        std::vector<Answer>{{.status = status},
                            {.status = 206,
                             .headers = {{"content-range", "bytes 0-0/42"}, {"etag", "\"x\""}},
                             .body = "0"}});
    CHECK(site.store->stat("f", {})->size == 42);
    CHECK(site.requests()[1].headers.get("range") == "bytes=0-0");
  }
}

TEST_CASE("where neither HEAD nor ranges are known, the length of the answer tells", "[http]") {
  ScriptedSite site(
      std::vector<Answer>{{.status = 405},
                          ok({{"content-length", "10"}}, "0123456789"),
                          {.status = 405},
                          {.status = 416, .headers = {{"content-range", "bytes */0"}}}});
  CHECK(site.store->stat("f", {})->size == 10);
  CHECK(site.store->stat("empty", {})->size == 0);
}

TEST_CASE("a HEAD without a length is not taken for an empty file", "[http]") {
  ScriptedSite site(std::vector<Answer>{
      ok(),
      {.status = 206, .headers = {{"content-range", "bytes 0-0/7"}}, .body = "0"},
      ok(),
      ok({}, "0123456789")});
  CHECK(site.store->stat("f", {})->size == 7);
  CHECK(test::error_of([&] { static_cast<void>(site.store->stat("g", {})); }).code() ==
        ErrorCode::unsupported);
}

TEST_CASE("a redirect that adds a slash shows a folder", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    if (request.url.ends_with("/d")) return moved("http://127.0.0.1:1/d/");
    return request.url.ends_with("/d/f") ? ok({{"content-length", "1"}}) : Answer{.status = 404};
  });
  CHECK(site.store->stat("d", {})->type == FileType::directory);
  CHECK(site.store->stat("d/", {})->type == FileType::directory);
  CHECK(site.store->stat("d/f", {})->type == FileType::file);
  CHECK_FALSE(site.store->stat("d/f/", {}));
  CHECK_FALSE(site.store->stat("e", {}));
  CHECK_FALSE(site.store->stat("e/", {}));
  CHECK(site.store->stat("", {})->type == FileType::directory);
  std::string out(1, '?');
  const auto bytes = std::as_writable_bytes(std::span(out));
  CHECK(test::error_of([&] { static_cast<void>(site.store->read("d", 0, bytes, {})); }).code() ==
        ErrorCode::is_a_directory);
}

TEST_CASE("an index page is listed by prefix", "[http]") {
  const auto answers = [](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS") return {.status = 501};
    if (!request.url.ends_with("/d/")) return {.status = 404};
    return page("<a href=run-1>1</a><a href=run-2>2</a><a href=ruin>3</a><a href=run/>4</a>");
  };
  ScriptedSite site(answers);
  CHECK(paths(site.store->list_page("d/run", {})) == Lines{"d/run-1", "d/run-2", "d/run/"});
  CHECK(paths(site.store->list_page("d/", {.start_after = "d/run-1"})) ==
        Lines{"d/run-2", "d/run/"});
  CHECK(site.store->list_page("none/", {}).entries.empty());
}

TEST_CASE("a recursive listing walks from folder to folder, page by page", "[http]") {
  const auto answers = [](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS") return {.status = 405};
    if (request.url.ends_with("/d/")) return page("<a href=f>f</a><a href='a,b/'>a</a><a href=e/>");
    if (request.url.ends_with("/a%2Cb/")) return page("<a href=g>g</a><a href=h>h</a>");
    return page("");
  };
  ScriptedSite site(answers);
  CHECK(paths(site.store->list_page("d/", {.recursive = true})) ==
        Lines{"d/a,b/g", "d/a,b/h", "d/f"});
  Lines all;
  vfs::ListOptions options{.recursive = true, .page_size = 1};
  do {
    const vfs::ListPage page = site.store->list_page("d/", options);
    for (const auto& path : paths(page)) all.push_back(path);
    options.page_token = page.next_page_token;
  } while (!options.page_token.empty());
  CHECK(all == Lines{"d/f", "d/a,b/g", "d/a,b/h"});
}

TEST_CASE("a folder that links to itself does not go on for ever", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    return request.method == "OPTIONS" ? Answer{.status = 405} : page("<a href=loop/>loop</a>");
  });
  const auto error =
      test::error_of([&] { static_cast<void>(site.store->list_page("d/", {.recursive = true})); });
  CHECK(error.code() == ErrorCode::corrupt);
  CHECK(contains(error.what(), "without end"));
}

TEST_CASE("what is no list of files is not taken for an empty one", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS") return {.status = 405};
    return ok({{"content-type", "application/octet-stream"}}, "bytes");
  });
  const auto error = test::error_of([&] { static_cast<void>(site.store->list_page("d/", {})); });
  CHECK(error.code() == ErrorCode::unsupported);
}

TEST_CASE("a file is no folder to list, whatever the server calls that", "[http]") {
  for (const int status : {400, 404}) {
    ScriptedSite site([status](const vfs::net::Request& request) -> Answer {
      if (request.method == "OPTIONS") return ok({{"dav", "1"}, {"allow", "PROPFIND"}});
      if (request.method == "PROPFIND") return {.status = status};
      return request.url.ends_with("/f") ? ok({{"content-length", "1"}}) : Answer{.status = 404};
    });
    CHECK(site.store->list_page("f/", {}).entries.empty());
  }
}

TEST_CASE("a server is asked once per top folder what it can do", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS" && contains(request.url, "/dav/")) {
      return ok({{"dav", "1"}, {"allow", "PROPFIND,COPY,MOVE"}});
    }
    if (request.method == "OPTIONS") return {.status = 405};
    if (request.method == "PROPFIND") {
      return {.status = 207, .body = "<multistatus xmlns=\"DAV:\"/>"};
    }
    return page("");
  });
  CHECK_FALSE(site.store->capabilities().server_side_copy);
  static_cast<void>(site.store->list_page("dav/a/", {}));
  static_cast<void>(site.store->list_page("dav/b/", {}));
  CHECK(site.store->capabilities().server_side_copy);
  CHECK(site.store->capabilities().create_only);
  static_cast<void>(site.store->list_page("pub/", {}));
  CHECK_FALSE(site.store->capabilities().server_side_copy);  // not everywhere
  CHECK(site.lines() == Lines{"OPTIONS /dav/", "PROPFIND /dav/a/", "PROPFIND /dav/b/",
                              "OPTIONS /pub/", "GET /pub/"});
}

TEST_CASE("an encoded slash is part of a name on the wire, too", "[http]") {
  ScriptedSite site(std::vector<Answer>{ok({{"content-length", "1"}})});
  const vfs::Url url = vfs::Url::parse("http://web.example/api/a%2Fb");
  CHECK(site.store->stat(url.path(), {}));
  CHECK(site.lines() == Lines{"HEAD /api/a%2Fb"});
}

TEST_CASE("a query goes with every request of its URL and is shown nowhere", "[http][secret]") {
  std::string log;
  vfs::Config config{.log = [&log](vfs::LogLevel, std::string_view line) { log += line; }};
  ScriptedSite site([](const vfs::net::Request&) { return Answer{.status = 403}; },
                    std::move(config), "http://web.example/?sig=hunter2&x=1");
  const auto error = test::error_of([&] { static_cast<void>(site.store->stat("f", {})); });
  CHECK(site.lines() == Lines{"HEAD /f?sig=hunter2&x=1", "GET /f?sig=hunter2&x=1"});
  CHECK(error.code() == ErrorCode::permission_denied);
  CHECK_FALSE(contains(error.what(), "hunter2"));
  CHECK(error.details().url == "http://web.example/f?***");
  CHECK(site.store->url("f") == "http://web.example/f?***");
  CHECK_FALSE(contains(log, "hunter2"));
}

TEST_CASE("a context keeps no store for a URL with a query", "[http]") {
  const auto context = vfs::Context::make();
  const auto plain = context->resolve("http://h/a");
  const auto signed_one = context->resolve("http://h/a?sig=1");
  const auto signed_two = context->resolve("http://h/a?sig=2");
  CHECK(&plain.file_system.store() == &context->resolve("http://h/b").file_system.store());
  CHECK(&plain.file_system.store() != &signed_one.file_system.store());
  CHECK(&signed_one.file_system.store() != &signed_two.file_system.store());
  CHECK(signed_one.path == vfs::Path("a"));
}

TEST_CASE("a signed URL that has run out says so", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    if (request.method == "HEAD") return {.status = 403};
    return {
        .status = 403,
        .body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"};
  });
  const auto error = test::error_of([&] { static_cast<void>(site.store->stat("f", {})); });
  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(error.details().hint == "the signed URL has run out: have a new one made");
}
