#include "vfs/http/parse.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"

using namespace cairn::vfs;
using namespace cairn::vfs::http;

namespace {

net::Headers headers(std::initializer_list<std::pair<const char*, const char*>> fields) {
  net::Headers out;
  for (const auto& [name, value] : fields) out.add(name, value);
  return out;
}

net::Response response(int status, std::string body = {}) {
  return {.status = status, .body = std::move(body)};
}

}  // namespace

TEST_CASE("the version of a file is its etag, else its time and size", "[http][parse]") {
  constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(version_of(headers({{"etag", "\"x\""}, {"last-modified", kDate}})) == "\"x\"");
  CHECK(version_of(headers({{"last-modified", kDate}, {"content-length", "42"}})) ==
        std::string(kDate) + "/42");
  CHECK(version_of(headers({{"last-modified", kDate},
                            {"content-length", "2"},
                            {"content-range", "bytes 0-1/42"}})) == std::string(kDate) + "/42");
  CHECK(version_of(headers({{"last-modified", kDate}})).empty());
  CHECK(version_of(headers({{"last-modified", "yesterday"}, {"content-length", "1"}})).empty());
}

TEST_CASE("a read is pinned by what the server can check", "[http][parse]") {
  net::Headers strong = headers({{"if-match", "\"x\""}});
  pin(strong);
  CHECK(strong.get("if-match") == "\"x\"");

  net::Headers weak = headers({{"if-match", "W/\"x\""}});
  pin(weak);
  CHECK(weak.size() == 0);

  net::Headers date = headers({{"if-match", "Sun, 06 Nov 1994 08:49:37 GMT/42"}});
  pin(date);
  CHECK_FALSE(date.find("if-match"));
  CHECK(date.get("if-unmodified-since") == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("a weak etag and the strong one that it becomes are one version", "[http][parse]") {
  CHECK(same_version("W/\"3-66\"", "\"3-66\""));
  CHECK_FALSE(same_version("\"3-66\"", "\"3-67\""));
  CHECK_FALSE(same_version("", ""));
}

TEST_CASE("what object stores say of a signed URL is read", "[http][parse]") {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  const auto error = examine({}, response(403, R"(<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>x</Expires></Error>)"));
  REQUIRE(error);
  CHECK(error->code == "AccessDenied");
  CHECK(error->message == "Request has expired");
  CHECK(examine({}, response(403, "<html>Error</html>"))->code.empty());
  CHECK_FALSE(examine({}, response(403, "<Error>"))->message.empty());
}

TEST_CASE("success, redirects that are followed, and errors are told apart", "[http][parse]") {
  CHECK_FALSE(examine({}, response(200)));
  CHECK_FALSE(examine({}, response(206)));
  CHECK_FALSE(examine({}, response(302)));
  CHECK(examine({.method = "DELETE"}, response(302)));
  CHECK(examine({}, response(304)));
  CHECK(examine({}, response(404)));
  CHECK_FALSE(examine({.method = "PROPFIND"}, response(207)));
  CHECK(examine({.method = "DELETE"}, response(207))->code == "MultiStatus");
}

TEST_CASE("a server has the powers that it allows, if it speaks WebDAV", "[http][parse]") {
  // nginx 1.22 with dav-ext, and Apache 2.4, as they answer.
  const Powers nginx = parse_powers(
      headers({{"dav", "1"},
               {"allow", "GET,HEAD,PUT,DELETE,MKCOL,COPY,MOVE,PROPFIND,OPTIONS,LOCK,UNLOCK"}}));
  CHECK((nginx.propfind && nginx.mkcol && nginx.copy && nginx.move));
  const Powers apache = parse_powers(headers(
      {{"dav", "1,2"},
       {"allow", "OPTIONS,GET,HEAD,POST,DELETE,TRACE,PROPFIND,PROPPATCH,COPY,MOVE,LOCK,UNLOCK"}}));
  CHECK((apache.propfind && apache.mkcol && apache.copy && apache.move));
  const Powers plain = parse_powers(headers({{"allow", "GET, HEAD, MOVE"}}));
  CHECK_FALSE((plain.propfind || plain.mkcol || plain.copy || plain.move));
  CHECK_FALSE(parse_powers(headers({{"dav", "1"}, {"allow", "GET, REMOVE"}})).move);
}
