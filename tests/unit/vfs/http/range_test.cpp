// Servers that know no ranges, send wrong ones, or do not say how large a file is.
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/vfs/http/site.hpp"
#include "vfs/context.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using test::Answer;
using test::ScriptedSite;
using vfs::ErrorCode;

namespace {

std::string read(vfs::Store& store, std::uint64_t offset, std::size_t size,
                 const vfs::ReadOptions& options = {}) {
  std::string out(size, '?');
  const auto result = store.read("f", offset, std::as_writable_bytes(std::span(out)), options);
  return out.substr(0, result.bytes);
}

}  // namespace

TEST_CASE("a server without ranges still gives the middle of a file", "[http][range]") {
  std::vector<std::string> log;
  ScriptedSite site([](const vfs::net::Request&) { return Answer{.body = "0123456789"}; },
                    {.log = [&log](vfs::LogLevel level, std::string_view line) {
                      if (level == vfs::LogLevel::warning) log.emplace_back(line);
                    }});
  CHECK(site.store->capabilities().ranged_reads);
  CHECK(read(*site.store, 3, 4) == "3456");
  CHECK(read(*site.store, 8, 4) == "89");
  CHECK(read(*site.store, 0, 4) == "0123");
  CHECK_FALSE(site.store->capabilities().ranged_reads);
  CHECK(site.requests().size() == 3);  // none is asked for twice
  REQUIRE(log.size() == 1);            // said once
  CHECK(contains(log[0], "sends whole files where ranges are asked for"));
}

TEST_CASE("a whole file in answer to its range says nothing of other ranges", "[http][range]") {
  ScriptedSite site([](const vfs::net::Request&) {
    return Answer{.headers = {{"content-length", "10"}}, .body = "0123456789"};
  });
  CHECK(read(*site.store, 0, 10) == "0123456789");
  CHECK(read(*site.store, 0, 20) == "0123456789");
  CHECK(site.store->capabilities().ranged_reads);
}

TEST_CASE("past the end there is nothing, also without ranges", "[http][range]") {
  ScriptedSite site([](const vfs::net::Request&) {
    return Answer{.headers = {{"content-length", "10"}}, .body = "0123456789"};
  });
  CHECK(read(*site.store, 10, 4).empty());
  CHECK(read(*site.store, 50, 4).empty());
}

TEST_CASE("a whole file is not read for a range that lies far behind", "[http][range]") {
  ScriptedSite site([](const vfs::net::Request&) { return Answer{.body = "0123456789"}; });
  const auto error = test::error_of([&] { static_cast<void>(read(*site.store, 1ULL << 30U, 4)); });
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(contains(error.what(), "the server sends whole files only"));
}

TEST_CASE("a read without ranges goes on after a break", "[http][range]") {
  ScriptedSite site(std::vector<Answer>{
      {.headers = {{"etag", "\"1\""}, {"content-length", "10"}},
       .body = "01234",
       .failure = vfs::net::TransportFailure::partial_body},
      {.headers = {{"etag", "\"1\""}, {"content-length", "10"}}, .body = "0123456789"},
  });
  CHECK(read(*site.store, 3, 4) == "3456");
  CHECK(site.requests()[1].headers.get("if-match") == "\"1\"");
}

TEST_CASE("another range than the one asked for is never taken", "[http][range]") {
  ScriptedSite site([](const vfs::net::Request&) {
    return Answer{.status = 206, .headers = {{"content-range", "bytes 0-3/10"}}, .body = "0123"};
  });
  const auto error = test::error_of([&] { static_cast<void>(read(*site.store, 3, 4)); });
  CHECK(error.code() == ErrorCode::corrupt);
}

TEST_CASE("a file that was replaced is not mixed where etags are weak or missing",
          "[http][range]") {
  const auto answer = [](const char* name, const char* value) {
    return Answer{.status = 206,
                  .headers = {{name, value}, {"content-range", "bytes 3-6/10"}},
                  .body = "3456"};
  };
  ScriptedSite site(std::vector<Answer>{
      answer("etag", "W/\"1\""), answer("etag", "W/\"2\""), answer("etag", "\"1\""),
      answer("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
      answer("last-modified", "Sun, 06 Nov 1994 08:49:38 GMT"), answer("x", "y")});
  const auto code = [&](const char* version) {
    return test::error_of(
               [&] { static_cast<void>(read(*site.store, 3, 4, {.if_match = version})); })
        .code();
  };
  CHECK(read(*site.store, 3, 4, {.if_match = "W/\"1\""}) == "3456");
  CHECK(code("W/\"1\"") == ErrorCode::precondition_failed);
  CHECK(read(*site.store, 3, 4, {.if_match = "W/\"1\""}) == "3456");
  CHECK(read(*site.store, 3, 4, {.if_match = "Sun, 06 Nov 1994 08:49:37 GMT/10"}) == "3456");
  CHECK(code("Sun, 06 Nov 1994 08:49:37 GMT/10") == ErrorCode::precondition_failed);
  CHECK(code("\"1\"") == ErrorCode::precondition_failed);
  CHECK_FALSE(site.requests()[0].headers.find("if-match"));
  CHECK(site.requests()[3].headers.get("if-unmodified-since") == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("bytes are asked for as they are stored", "[http][range]") {
  ScriptedSite site(std::vector<Answer>{
      {.headers = {{"content-encoding", "gzip"}, {"content-length", "2"}}, .body = "\x1f\x8b"}});
  CHECK(read(*site.store, 0, 4) == "\x1f\x8b");
  CHECK(site.requests()[0].headers.get("accept-encoding") == "identity");
}

TEST_CASE("a file of unknown size is read if it ends, and never cut", "[http][range]") {
  ScriptedSite site(
      [](const vfs::net::Request&) { return Answer{.body = std::string((4U << 20U) + 1, 'x')}; });
  const vfs::FileSystem files(site.store, vfs::Context::make());
  CHECK(read(*site.store, 0, 5U << 20U).size() == (4U << 20U) + 1);
  const auto error = test::error_of([&] { static_cast<void>(files.read("f")); });
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(contains(error.what(), "does not say how large"));
}
