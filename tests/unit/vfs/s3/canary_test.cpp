// Marked secrets, and every text that comes out: none may be in it.
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/told.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;
using test::Reply;
using test::ScriptedServer;
using test::Told;

constexpr std::string_view kMark = "CANARY";

/// The server is both the proxy and the service, so that it sees all secrets that travel.
vfs::Config marked(const std::string& proxy, const std::shared_ptr<Told>& told) {
  vfs::Config config{.retry = {.max_attempts = 2, .base_delay = 1ms},
                     .http = {.proxy = vfs::Secret("http://user:CANARY-proxy@" + proxy.substr(7)),
                              .allow_plain_http = true},
                     .s3 = {.access_key_id = "id",
                            .secret_access_key = "CANARY-secret",
                            .session_token = "CANARY-token",
                            .region = "us-east-1",
                            .endpoint_url = "http://s3.example"},
                     .observer = told,
                     .log = [told](vfs::LogLevel, std::string_view line) { told->add(line); }};
  config.environment = [](std::string_view) -> std::optional<std::string> { return {}; };
  return config;
}

template <class Call>
void listen_to(Told& told, Call call) {
  try {
    call();
  } catch (const vfs::Error& error) {
    const vfs::ErrorDetails& details = error.details();
    for (const std::string& text : {std::string(error.what()), details.url, details.message,
                                    details.hint, details.service_code, details.request_id}) {
      told.add(text);
    }
  }
}

void do_everything(const vfs::FileSystem& files, Told& told) {
  listen_to(told, [&] { static_cast<void>(files.read("k")); });
  listen_to(told, [&] { static_cast<void>(files.stat("k")); });
  listen_to(told, [&] { static_cast<void>(files.list("")); });
  listen_to(told, [&] { files.write("k", "v"); });
  listen_to(told, [&] { files.write("k", "v", {.if_absent = true}); });
  listen_to(told, [&] { files.copy("k", "l"); });
  listen_to(told, [&] { files.remove("k"); });
}

Reply error_reply(int status, const std::string& code) {
  return {.status = status,
          .body = "<Error><Code>" + code + "</Code><Message>no</Message></Error>"};
}

}  // namespace

TEST_CASE("no secret is in any error, event or line of the log", "[s3][canary]") {
  const Reply reply = GENERATE(
      Reply{.headers = {{"ETag", "\"1\""}}, .body = "v"}, error_reply(403, "SignatureDoesNotMatch"),
      error_reply(403, "InvalidAccessKeyId"), error_reply(400, "ExpiredToken"),
      error_reply(400, "AuthorizationHeaderMalformed"), error_reply(503, "SlowDown"),
      error_reply(404, "NoSuchBucket"), Reply{.status = 407}, Reply{.drop = true},
      Reply{.status = 307, .headers = {{"Location", "http://127.0.0.1:1/"}}},
      Reply{.headers = {{"ETag", "\"1\""}}, .body = "not XML", .cut = 3});
  const ScriptedServer server(std::vector<Reply>(200, reply));
  const auto told = std::make_shared<Told>();

  do_everything(vfs::FileSystem::open("s3://bkt", marked(server.url(), told)), *told);

  const auto received = server.received();
  REQUIRE(received.size() >= 7);
  CHECK(received[0].header("x-amz-security-token") == "CANARY-token");  // the marks are in use
  CHECK_FALSE(received[0].header("proxy-authorization").empty());
  CHECK(told->texts().size() > 20);
  for (const std::string& text : told->texts()) {
    INFO(text);
    CHECK_FALSE(contains(text, kMark));
    CHECK_FALSE(contains(text, received[0].header("authorization")));
    CHECK_FALSE(contains(text, received[0].header("proxy-authorization")));
  }
}

TEST_CASE("no secret is in the error of a proxy that is not there", "[s3][canary]") {
  std::string gone;
  {
    const ScriptedServer ended({});
    gone = ended.url();
  }
  const auto told = std::make_shared<Told>();

  do_everything(vfs::FileSystem::open("s3://bkt", marked(gone, told)), *told);

  CHECK(told->texts().size() > 20);
  for (const std::string& text : told->texts()) {
    INFO(text);
    CHECK_FALSE(contains(text, kMark));
  }
}
