// WebOptions: what they make of a request, and what is refused.
#include "tests/unit/vfs/http/site.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/error.hpp"
#include "vfs/http/config.hpp"

using namespace cairn;
using test::Answer;
using test::ScriptedSite;
using vfs::ErrorCode;

namespace {

vfs::http::Site site_with(const vfs::WebOptions& options) {
  return vfs::http::make_site(vfs::Url::parse("https://web.example/d?sig=CANARY"), options);
}

vfs::Error refusal(const vfs::WebOptions& options) {
  return test::error_of([&] { static_cast<void>(site_with(options)); });
}

}  // namespace

TEST_CASE("a user name and a password become Basic, a token Bearer", "[http][secret]") {
  // RFC 7617 section 2 and RFC 6750 section 2.1.
  CHECK(site_with({.user = "Aladdin", .password = "open sesame"}).secrets.get("authorization") ==
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(site_with({.bearer_token = "mF_9.B5f-4.1JqM"}).secrets.get("authorization") ==
        "Bearer mF_9.B5f-4.1JqM");
}

TEST_CASE("secrets are for their origin only", "[http][secret]") {
  const vfs::WebOptions options{.bearer_token = "t", .origin = "https://web.example:443"};
  CHECK(site_with(options).secrets.size() == 1);
  vfs::WebOptions other = options;
  other.origin = "https://other.example";
  CHECK(site_with(other).secrets.size() == 0);
}

TEST_CASE("options that make no sense are refused without showing them", "[http][secret]") {
  const vfs::WebOptions kBad[]{
      {.bearer_token = "CANARY", .user = "me"},
      {.user = "me:CANARY"},
      {.bearer_token = "CANARY\n"},
      {.password = "CANARY\r\nX-Evil: 1"},
      {.headers = {{"X-Key", "CANARY\n"}}},
      {.headers = {{"X Key", "CANARY"}}},
      {.headers = {{"Host", "CANARY"}}},
      {.headers = {{"RANGE", "CANARY"}}},
      {.origin = "web.example"},
  };
  for (const vfs::WebOptions& options : kBad) {
    const vfs::Error error = refusal(options);
    INFO(error.what());
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK_FALSE(contains(error.what(), "CANARY"));
  }
}

TEST_CASE("secrets do not go over plain http to another machine", "[http][secret]") {
  const auto answer = [](const vfs::net::Request&) {
    return Answer{.headers = {{"content-length", "1"}}};
  };
  const vfs::WebOptions options{.bearer_token = "CANARY"};
  ScriptedSite refused(answer, {.web = options});
  const auto error = test::error_of([&] { static_cast<void>(refused.store->stat("f", {})); });
  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK_FALSE(contains(error.what(), "CANARY"));
  CHECK(refused.requests().empty());

  ScriptedSite allowed(answer, {.http = {.allow_plain_http = true}, .web = options});
  CHECK(allowed.store->stat("f", {}));
  ScriptedSite loopback(answer, {.web = options}, "http://127.0.0.1:1");
  CHECK(loopback.store->stat("f", {}));
  CHECK(loopback.requests()[0].headers.get("authorization") == "Bearer CANARY");
  ScriptedSite nothing(answer);
  CHECK(nothing.store->stat("f", {}));
  CHECK(nothing.requests()[0].headers.get("authorization").empty());
}

TEST_CASE("a server that asks who we are is told apart from one that refuses us", "[http]") {
  ScriptedSite site(std::vector<Answer>{{.status = 401}});
  const auto error = test::error_of([&] { static_cast<void>(site.store->stat("f", {})); });
  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(contains(error.details().hint, "WebOptions"));
}
