// Proxies: which requests take which one, and what is told when they refuse.
#include "vfs/net/proxy.hpp"

#include <atomic>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/scripted_server.hpp"
#include "vfs/file_system.hpp"
#include "vfs/net/curl_transport.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;
namespace net = vfs::net;
using net::proxy_for;
using net::proxy_settings;
using test::Reply;
using test::ScriptedServer;
using Variables = std::map<std::string, std::string, std::less<>>;

vfs::Config with(const Variables& variables) {
  vfs::Config config{.retry = {.max_attempts = 3, .base_delay = 1ms},
                     .http = {.allow_plain_http = true},
                     .s3 = {.access_key_id = "id",
                            .secret_access_key = "secret",
                            .region = "us-east-1",
                            .endpoint_url = "http://s3.example"}};
  config.environment = [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return config;
}

std::string chosen(const Variables& variables, std::string_view url) {
  const auto settings = proxy_settings(with(variables));
  const net::Proxy* proxy = proxy_for(settings, url);
  return proxy == nullptr ? "" : proxy->url.reveal();
}

vfs::Error error_of(const vfs::Config& config) {
  try {
    static_cast<void>(vfs::FileSystem::open("s3://bkt", config).read("k"));
  } catch (const vfs::Error& error) {
    return error;
  }
  FAIL("it did not fail");
  return vfs::Error(vfs::ErrorCode::io, {});
}

/// A proxy that answers each CONNECT with a status, and counts them.
class RefusingProxy {
 public:
  explicit RefusingProxy(int status)
      : server_([this, status](int socket, int) {
          std::string buffer;
          while (buffer.find("\r\n\r\n") == std::string::npos) {
            if (!test::receive_more(socket, buffer)) return;
          }
          ++asked;
          test::send_all(socket, "HTTP/1.1 " + std::to_string(status) +
                                     " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }) {}
  std::atomic<int> asked{0};
  [[nodiscard]] std::string authority() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }

 private:
  test::LoopbackServer server_;
};

}  // namespace

TEST_CASE("a proxy comes from the variables that curl reads, in its order", "[net][proxy]") {
  struct Row {
    Variables variables;
    std::string http;
    std::string https;
  };
  const Row row = GENERATE(
      Row{{}, "", ""}, Row{{{"https_proxy", "a"}, {"HTTPS_PROXY", "b"}}, "", "a"},
      Row{{{"HTTPS_PROXY", "b"}, {"ALL_PROXY", "c"}}, "c", "b"},
      Row{{{"http_proxy", "a"}}, "a", ""}, Row{{{"all_proxy", "c"}, {"ALL_PROXY", "d"}}, "c", "c"},
      Row{{{"https_proxy", ""}, {"HTTPS_PROXY", "b"}}, "", "b"});
  CHECK(chosen(row.variables, "http://s3.example/k") == row.http);
  CHECK(chosen(row.variables, "https://s3.example/k") == row.https);
}

// What a web server's client can set is no proxy: "httpoxy", CVE-2016-5385.
TEST_CASE("HTTP_PROXY in upper case is not believed", "[net][proxy]") {
  CHECK(chosen({{"HTTP_PROXY", "evil"}}, "http://s3.example/k").empty());
}

TEST_CASE("what stands in the options goes before the environment", "[net][proxy]") {
  vfs::Config config = with({{"https_proxy", "a"}});
  config.http.proxy = "b";
  const auto settings = proxy_settings(config);
  REQUIRE(proxy_for(settings, "https://s3.example/k") != nullptr);
  CHECK(proxy_for(settings, "https://s3.example/k")->url.reveal() == "b");
  CHECK(proxy_for(settings, "http://s3.example/k")->url.reveal() == "b");
}

TEST_CASE("this machine and metadata services are never spoken to through a proxy",
          "[net][proxy]") {
  const Variables all{{"all_proxy", "p"}, {"http_proxy", "p"}, {"https_proxy", "p"}};
  for (const char* near :
       {"localhost", "localhost:9000", "LOCALHOST.", "bkt.localhost", "127.0.0.1", "127.9.9.9:1",
        "[::1]", "[::1]:9000", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "169.254.169.254",
        "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]", "[fd00:ec2::23]:80"}) {
    INFO(near);
    CHECK(chosen(all, std::string("http://") + near + "/k").empty());
    CHECK(chosen(all, std::string("https://") + near + "?q").empty());
  }
  for (const char* far : {"s3.example", "localhost.example", "127.0.0.1.example", "128.0.0.1",
                          "169.253.1.1", "[fd00:ec3::1]", "[2001:db8::1]", "notlocalhost"}) {
    INFO(far);
    CHECK(chosen(all, std::string("https://") + far + "/k") == "p");
  }
}

TEST_CASE("a plain request goes to the proxy of the configuration, with its password",
          "[net][proxy][curl]") {
  const ScriptedServer proxy({Reply{.headers = {{"ETag", "\"1\""}}, .body = "hello"}});
  const std::string authority = proxy.url().substr(7);

  const auto files =
      vfs::FileSystem::open("s3://bkt", with({{"http_proxy", "http://user:p%40ss@" + authority}}));

  CHECK(files.read_text("k") == "hello");
  REQUIRE(proxy.received().size() == 1);
  CHECK(proxy.received()[0].target == "http://s3.example/bkt/k");
  // base64 of "user:p@ss", by Python's base64.b64encode
  CHECK(proxy.received()[0].header("proxy-authorization") == "Basic dXNlcjpwQHNz");
}

TEST_CASE("NO_PROXY names hosts that need none", "[net][proxy][curl]") {
  const ScriptedServer proxy({Reply{.status = 204}, Reply{.status = 204}});
  const std::string url = proxy.url();
  for (const char* list : {"s3.example", ".example", "other, s3.example", "*"}) {
    const auto transport =
        net::make_curl_transport(with({{"http_proxy", url}, {"NO_PROXY", list}}));
    CHECK_THROWS_AS(static_cast<void>(transport->send({.url = "http://s3.example:1/k"}, {})),
                    net::TransportError);
  }
  CHECK(proxy.received().empty());
  const auto transport =
      net::make_curl_transport(with({{"http_proxy", url}, {"NO_PROXY", "3.example,192.0.2.0/24"}}));
  CHECK(transport->send({.url = "http://s3.example:1/k"}, {}).status == 204);
}

TEST_CASE("the process's own variables do not matter where the configuration has others",
          "[net][proxy][curl]") {
  const ScriptedServer proxy({Reply{.status = 204}});
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("no_proxy", "s3.example", 1);
  const auto transport = net::make_curl_transport(with({{"http_proxy", proxy.url()}}));
  const int status = transport->send({.url = "http://s3.example/k"}, {}).status;
  unsetenv("http_proxy");
  unsetenv("no_proxy");

  CHECK(status == 204);
}

TEST_CASE("a proxy that wants a password is told from the service, once", "[net][proxy][curl]") {
  RefusingProxy proxy(407);
  vfs::Config config = with({{"HTTPS_PROXY", "http://user:hidden@" + proxy.authority()}});
  config.s3.endpoint_url = "https://s3.example";

  const vfs::Error error = error_of(config);

  INFO(error.what());
  CHECK(error.code() == vfs::ErrorCode::unauthenticated);
  CHECK(contains(error.what(), "proxy http://***@" + proxy.authority()));
  CHECK(contains(error.what(), "of HTTPS_PROXY answered 407"));
  CHECK(contains(error.details().hint, "user name and password"));
  CHECK_FALSE(contains(error.what(), "hidden"));
  CHECK(proxy.asked == 1);
}

TEST_CASE("a plain request that the proxy refuses says so, too", "[net][proxy][curl]") {
  const ScriptedServer proxy({Reply{.status = 407}});

  const vfs::Error error = error_of(with({{"http_proxy", proxy.url()}}));

  CHECK(error.code() == vfs::ErrorCode::unauthenticated);
  CHECK(contains(error.details().hint, "proxy"));
  CHECK(proxy.received().size() == 1);
}

TEST_CASE("a host that the proxy forbids is asked for once, one it can't reach again",
          "[net][proxy][curl]") {
  RefusingProxy forbids(403);
  RefusingProxy unreachable(502);
  vfs::Config config = with({{"HTTPS_PROXY", forbids.authority()}});
  config.s3.endpoint_url = "https://s3.example";
  CHECK(error_of(config).code() == vfs::ErrorCode::permission_denied);
  CHECK(forbids.asked == 1);

  config.http.proxy = unreachable.authority();
  CHECK(error_of(config).code() == vfs::ErrorCode::unavailable);
  CHECK(unreachable.asked == 3);
}

TEST_CASE("what can be no proxy is refused with the name of the variable and no secret",
          "[net][proxy][curl]") {
  for (const char* bad : {"ftp://u:hidden@proxy", "http://u:hidden@", "u:hidden@:3128",
                          "http://u:hid den@proxy", "evil:hidden://x"}) {
    const vfs::Error error = error_of(with({{"http_proxy", bad}}));
    INFO(error.what());
    CHECK(error.code() == vfs::ErrorCode::invalid_argument);
    CHECK(contains(error.what(), "http_proxy is not the URL of a proxy"));
    CHECK_FALSE(contains(error.what(), "hid"));
  }
}
