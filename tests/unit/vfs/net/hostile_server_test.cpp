// Servers that send what no honest one would: bounded memory, bounded time, an error with a type.
#include <string>
#include <string_view>

#include <sys/resource.h>

#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/scripted_server.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;
using test::code_of;

/// Answers with a head, and then the same bytes until the client has had enough.
class EndlessServer {
 public:
  EndlessServer(std::string head, std::string part)
      : server_([head = std::move(head), part = std::move(part)](int socket, int) {
          std::string request;
          while (request.find("\r\n\r\n") == std::string::npos) {
            if (!test::receive_more(socket, request)) return;
          }
          bool wanted = test::send_all(socket, head);
          while (wanted) wanted = test::send_all(socket, part);
        }) {}
  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  test::LoopbackServer server_;
};

vfs::FileSystem files_at(const std::string& url) {
  return vfs::FileSystem::open("s3://bkt", {.retry = {.max_attempts = 2, .base_delay = 1ms},
                                            .s3 = {.access_key_id = "id",
                                                   .secret_access_key = "secret",
                                                   .region = "us-east-1",
                                                   .endpoint_url = url}});
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("headers without an end are given up", "[net][hostile][curl]") {
  const EndlessServer server("HTTP/1.1 200 OK\r\n", "X-Flood: 1\r\n");
  const long before = peak_kib();

  CHECK(code_of([&] { static_cast<void>(files_at(server.url()).read("k")); }) ==
        vfs::ErrorCode::corrupt);

  CHECK(peak_kib() - before < 16L * 1024);
}

TEST_CASE("one header line without an end is given up", "[net][hostile][curl]") {
  const EndlessServer server("HTTP/1.1 200 OK\r\nX-Flood: ", std::string(4096, 'x'));
  const long before = peak_kib();

  CHECK_THROWS_AS(static_cast<void>(files_at(server.url()).read("k")), vfs::Error);

  CHECK(peak_kib() - before < 16L * 1024);
}

TEST_CASE("a page of a list without an end is given up", "[net][hostile][curl]") {
  const EndlessServer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                             "1000\r\n" + std::string(4096, ' ') + "\r\n");
  const long before = peak_kib();

  CHECK(code_of([&] { static_cast<void>(files_at(server.url()).list("")); }) ==
        vfs::ErrorCode::corrupt);

  CHECK(peak_kib() - before < 64L * 1024);
}

TEST_CASE("an error page of 10 GB is not read to its end", "[net][hostile][curl]") {
  const EndlessServer server("HTTP/1.1 403 Forbidden\r\nContent-Length: 10000000000\r\n\r\n",
                             std::string(4096, 'x'));
  const long before = peak_kib();

  CHECK(code_of([&] { static_cast<void>(files_at(server.url()).read("k")); }) ==
        vfs::ErrorCode::corrupt);

  CHECK(peak_kib() - before < 64L * 1024);
}

// What is stored is what is read: nothing is unpacked, so nothing can blow up.
TEST_CASE("a body that is said to be compressed is taken as it is", "[net][hostile][curl]") {
  // Of 1 MB of zeros by Python's gzip.compress with mtime 0, its first 16 bytes.
  const std::string bomb("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01\x00\x00", 16);
  const test::ScriptedServer server(
      {test::Reply{.headers = {{"Content-Encoding", "gzip"}, {"ETag", "\"1\""}}, .body = bomb}});

  CHECK(files_at(server.url()).read_text("k") == bomb);
  CHECK(server.received().at(0).header("accept-encoding").empty());
}

TEST_CASE("a redirect takes no request and no secret to another port", "[net][hostile][curl]") {
  const test::ScriptedServer other({});
  for (const int status : {301, 302, 303, 307, 308}) {
    const test::ScriptedServer server(std::vector<test::Reply>(
        8, test::Reply{.status = status, .headers = {{"Location", other.url() + "/bkt/k"}}}));
    CHECK_THROWS_AS(static_cast<void>(files_at(server.url()).read("k")), vfs::Error);
  }
  CHECK(other.received().empty());
}
