#include "vfs/net/curl_transport.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_server.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace std::chrono_literals;
using net::TransportFailure;
using test::Reply;
using test::ScriptedServer;

/// Sends and tells how it failed.
TransportFailure failure_of(net::Transport& transport, const net::Request& request,
                            const net::Exchange& exchange = {}) {
  try {
    static_cast<void>(transport.send(request, exchange));
  } catch (const net::TransportError& error) {
    return error.failure();
  }
  FAIL("it did not fail");
  return TransportFailure::other;
}

TEST_CASE("a response has its status, headers and body", "[net][curl]") {
  ScriptedServer server({Reply{.status = 404, .headers = {{"X-Thing", " a b "}}, .body = "gone"}});
  const auto transport = net::make_curl_transport({});

  const net::Response response = transport->send({.url = server.url() + "/k"}, {});

  CHECK(response.status == 404);
  CHECK(response.headers.get("x-thing") == "a b");
  CHECK(response.body == "gone");
}

TEST_CASE("the body of a success lands in the destination, that of an error does not",
          "[net][curl]") {
  ScriptedServer server({Reply{.status = 206, .body = "data"}, {.status = 500, .body = "oops"}});
  const auto transport = net::make_curl_transport({});
  std::string memory(6, '-');
  const auto destination = std::as_writable_bytes(std::span(memory));

  const net::Response good = transport->send({.url = server.url()}, {.destination = destination});
  const net::Response bad = transport->send({.url = server.url()}, {.destination = destination});

  CHECK(good.received == 4);
  CHECK(good.body.empty());
  CHECK(memory == "data--");
  CHECK(bad.received == 0);
  CHECK(bad.body == "oops");
}

TEST_CASE("a body that is larger than the destination never goes beyond it", "[net][curl]") {
  ScriptedServer server({Reply{.body = "0123456789"}});
  const auto transport = net::make_curl_transport({});
  std::string memory(8, '-');
  const auto destination = std::as_writable_bytes(std::span(memory)).first(4);

  CHECK(failure_of(*transport, {.url = server.url()}, {.destination = destination}) ==
        TransportFailure::body_too_large);
  CHECK(memory == "0123----");
}

TEST_CASE("a body beyond the cap is refused", "[net][curl]") {
  ScriptedServer server({Reply{.body = std::string(100'000, 'x')}});
  const auto transport = net::make_curl_transport({});

  CHECK(failure_of(*transport, {.url = server.url()}, {.max_body = 1000}) ==
        TransportFailure::body_too_large);
}

TEST_CASE("a flood of headers is refused", "[net][curl]") {
  Reply reply;
  for (int i = 0; i < 200; ++i) reply.headers.emplace_back("X-" + std::to_string(i), "v");
  ScriptedServer server({reply});
  const auto transport = net::make_curl_transport({});

  CHECK(failure_of(*transport, {.url = server.url()}) == TransportFailure::body_too_large);
}

TEST_CASE("a body is sent from all its segments with its length", "[net][curl]") {
  ScriptedServer server({Reply{}});
  const auto transport = net::make_curl_transport({});
  const std::string large(300'000, 'b');
  net::Request request{
      .method = "PUT", .url = server.url() + "/k", .body = Body("a"), .has_body = true};
  request.body.append(as_bytes(large));

  static_cast<void>(transport->send(request, {}));

  const auto received = server.received();
  REQUIRE(received.size() == 1);
  CHECK(received[0].method == "PUT");
  CHECK(received[0].body == "a" + large);
  CHECK(received[0].header("expect").empty());
  CHECK(received[0].header("transfer-encoding").empty());
}

TEST_CASE("an empty body has a length, no body has none", "[net][curl]") {
  ScriptedServer server({Reply{}, {}, {}});
  const auto transport = net::make_curl_transport({});

  static_cast<void>(transport->send({.method = "PUT", .url = server.url(), .has_body = true}, {}));
  static_cast<void>(transport->send({.method = "DELETE", .url = server.url()}, {}));
  static_cast<void>(transport->send({.method = "HEAD", .url = server.url()}, {}));

  const auto received = server.received();
  REQUIRE(received.size() == 3);
  CHECK(received[0].header("content-length") == "0");
  CHECK(received[1].method == "DELETE");
  CHECK(received[1].header("content-length").empty());
  CHECK(received[2].method == "HEAD");
}

TEST_CASE("a connection is used again", "[net][curl]") {
  ScriptedServer server(
      {{.body = "1"}, {.body = "2"}, {.status = 404, .body = "3"}, {.body = "4"}});
  const auto transport = net::make_curl_transport({});

  for (int i = 0; i < 4; ++i) static_cast<void>(transport->send({.url = server.url()}, {}));

  for (const auto& request : server.received()) CHECK(request.connection == 1);
}

TEST_CASE("the path is sent as it stands", "[net][curl]") {
  ScriptedServer server({Reply{}});
  const auto transport = net::make_curl_transport({});

  static_cast<void>(transport->send({.url = server.url() + "/a/../b//./c%2F"}, {}));

  CHECK(server.received().at(0).target == "/a/../b//./c%2F");
}

TEST_CASE("a redirect is not followed", "[net][curl]") {
  ScriptedServer other({Reply{}});
  ScriptedServer server({Reply{.status = 307, .headers = {{"Location", other.url()}}}});
  const auto transport = net::make_curl_transport({});

  CHECK(transport->send({.url = server.url()}, {}).status == 307);
  CHECK(other.received().empty());
}

TEST_CASE("a body that ends early is a partial body, with what had come", "[net][curl]") {
  ScriptedServer server({Reply{.headers = {{"ETag", "\"1\""}}, .body = "0123456789", .cut = 4}});
  const auto transport = net::make_curl_transport({});
  std::string memory(10, '-');

  try {
    static_cast<void>(transport->send({.url = server.url()},
                                      {.destination = std::as_writable_bytes(std::span(memory))}));
    FAIL("it did not fail");
  } catch (const net::TransportError& error) {
    CHECK(error.failure() == TransportFailure::partial_body);
    CHECK(error.response().received == 4);
    CHECK(error.response().headers.get("etag") == "\"1\"");
  }
}

TEST_CASE("no answer is a failure to receive", "[net][curl]") {
  // Twice, since curl itself tries again where a kept connection turns out to be dead.
  ScriptedServer server({Reply{.drop = true}, {.drop = true}});
  const auto transport = net::make_curl_transport({});

  CHECK(failure_of(*transport, {.url = server.url()}) == TransportFailure::receive);
}

TEST_CASE("nobody listening is a failure to connect", "[net][curl]") {
  std::string url;
  {
    const ScriptedServer ended({});
    url = ended.url();
  }
  const auto transport = net::make_curl_transport({});

  CHECK(failure_of(*transport, {.url = url}) == TransportFailure::connect);
}

TEST_CASE("https to a server without TLS says so", "[net][curl]") {
  ScriptedServer server({Reply{}});
  const auto transport = net::make_curl_transport({.http = {.stall_timeout = 500ms}});
  const std::string url = "https" + server.url().substr(4);

  const TransportFailure failure = failure_of(*transport, {.url = url});

  CHECK((failure == TransportFailure::tls || failure == TransportFailure::stalled));
}

TEST_CASE("a stalled body is given up", "[net][curl]") {
  ScriptedServer server(
      {Reply{.headers = {{"Content-Length", "10"}}, .body = "abc", .stall = true}});
  const auto transport = net::make_curl_transport({.http = {.stall_timeout = 100ms}});

  CHECK(failure_of(*transport, {.url = server.url()}) == TransportFailure::stalled);
}

TEST_CASE("a deadline ends a request that gets no answer", "[net][curl]") {
  ScriptedServer server({Reply{.headers = {{"Content-Length", "10"}}, .stall = true}});
  const auto transport = net::make_curl_transport({});

  CHECK(failure_of(*transport, {.url = server.url()},
                   {.deadline = std::chrono::steady_clock::now() + 100ms}) ==
        TransportFailure::deadline);
}

TEST_CASE("a stop ends the wait for a connection that others use", "[net][curl]") {
  ScriptedServer server({Reply{.silent = true}});
  const auto transport = net::make_curl_transport({.http = {.max_connections = 1}});
  std::stop_source first;
  std::stop_source second;
  std::jthread holder([&] {
    CHECK(failure_of(*transport, {.url = server.url()}, {.stop = first.get_token()}) ==
          TransportFailure::cancelled);
  });
  while (server.received().empty()) std::this_thread::yield();

  second.request_stop();
  CHECK(failure_of(*transport, {.url = server.url()}, {.stop = second.get_token()}) ==
        TransportFailure::cancelled);
  CHECK(failure_of(*transport, {.url = server.url()},
                   {.deadline = std::chrono::steady_clock::now() + 10ms}) ==
        TransportFailure::deadline);
  CHECK(server.received().size() == 1);
  first.request_stop();
}

TEST_CASE("a server that puts parts together may be silent for longer", "[net][curl]") {
  ScriptedServer server({Reply{.silent = true}});
  const auto transport = net::make_curl_transport({.http = {.stall_timeout = 20'000ms}});

  CHECK(failure_of(*transport, {.url = server.url()}, {.response_patience = 50ms}) ==
        TransportFailure::stalled);
}

TEST_CASE("a request that libcurl sends again by itself is told", "[net][curl]") {
  ScriptedServer server({Reply{}, Reply{.drop = true}, Reply{}});
  const auto transport = net::make_curl_transport({});

  const auto first = transport->send({.method = "POST", .url = server.url(), .has_body = true}, {});
  const auto second =
      transport->send({.method = "POST", .url = server.url(), .has_body = true}, {});

  CHECK(server.received().size() == 3);
  CHECK_FALSE(first.resent);
  CHECK(second.resent);
}

TEST_CASE("the checksum of what lands in the destination is told, of the type that was asked for",
          "[net][curl]") {
  ScriptedServer server(
      {Reply{.body = "123456789"}, Reply{.body = "123456789"}, Reply{.body = "123456789"}});
  const auto transport = net::make_curl_transport({});
  std::string memory(9, '-');
  const auto destination = std::as_writable_bytes(std::span(memory));

  const auto send = [&](ChecksumType type) {
    return transport->send({.url = server.url()}, {.destination = destination, .digest = type});
  };
  const auto crc32c = send(ChecksumType::crc32c).checksum;
  const auto crc64 = send(ChecksumType::crc64nvme).checksum;
  const auto not_told = transport->send({.url = server.url()}, {.destination = destination});

  // RFC 3720, B.4 gives it for iSCSI's polynomial
  CHECK(crc32c == Checksum{ChecksumType::crc32c, 0xE3069283});
  // NVM Command Set Specification 1.0, 5.2.1.3.5, gives it as the check value
  CHECK(crc64 == Checksum{ChecksumType::crc64nvme, 0xAE8B14860A799888});
  CHECK_FALSE(not_told.checksum.has_value());
}

TEST_CASE("a stop ends a request that gets no answer at once", "[net][curl]") {
  ScriptedServer server({Reply{.headers = {{"Content-Length", "10"}}, .stall = true}});
  const auto transport = net::make_curl_transport({});
  std::stop_source source;
  std::jthread stopper([&] {
    while (server.received().empty()) std::this_thread::yield();
    source.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();

  CHECK(failure_of(*transport, {.url = server.url()}, {.stop = source.get_token()}) ==
        TransportFailure::cancelled);
  CHECK(std::chrono::steady_clock::now() - begin < 500ms);
}

TEST_CASE("what would smuggle a header is refused before it is sent", "[net][curl]") {
  ScriptedServer server({Reply{}});
  const auto transport = net::make_curl_transport({});
  for (const std::string& value :
       {std::string("a\r\nX-Evil: 1"), std::string("a\nb"), std::string("a\0b", 3)}) {
    net::Request request{.url = server.url()};
    request.headers.add("x-thing", value);
    CHECK(failure_of(*transport, request) == TransportFailure::refused);
  }
  net::Request request{.url = server.url()};
  request.headers.add("x thing:", "1");
  CHECK(failure_of(*transport, request) == TransportFailure::refused);
  CHECK(failure_of(*transport, {.url = server.url() + "/a b"}) == TransportFailure::refused);
  CHECK(failure_of(*transport, {.url = "file:///etc/passwd"}) == TransportFailure::refused);
  CHECK(server.received().empty());
}

TEST_CASE("a header with an empty value is sent", "[net][curl]") {
  ScriptedServer server({Reply{}});
  const auto transport = net::make_curl_transport({});
  net::Request request{.url = server.url()};
  request.headers.add("x-amz-meta-empty", "");

  static_cast<void>(transport->send(request, {}));

  const auto received = server.received();
  const auto& headers = received.at(0).headers;
  CHECK(std::ranges::find(headers, "x-amz-meta-empty", [](const auto& h) { return h.first; }) !=
        headers.end());
}

TEST_CASE("this machine is never spoken to through a proxy", "[net][curl]") {
  ScriptedServer proxy({Reply{.status = 502}});
  ScriptedServer server({Reply{.status = 204}});
  setenv("http_proxy", proxy.url().c_str(), 1);
  const auto transport = net::make_curl_transport({});

  const int status = transport->send({.url = server.url()}, {}).status;
  unsetenv("http_proxy");

  CHECK(status == 204);
  CHECK(proxy.received().empty());
}

TEST_CASE("a forked child has connections of its own", "[net][curl]") {
  ScriptedServer server({Reply{}, {}, {}});
  const auto transport = net::make_curl_transport({});
  static_cast<void>(transport->send({.url = server.url() + "/parent"}, {}));

  const pid_t child = fork();
  if (child == 0) {
    try {
      _exit(transport->send({.url = server.url() + "/child"}, {}).status == 200 ? 0 : 1);
    } catch (...) {
      _exit(2);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  static_cast<void>(transport->send({.url = server.url() + "/parent"}, {}));

  CHECK(WEXITSTATUS(status) == 0);
  const auto received = server.received();
  REQUIRE(received.size() == 3);
  CHECK(received[0].connection == received[2].connection);
  CHECK(received[1].connection != received[0].connection);
}

}  // namespace
