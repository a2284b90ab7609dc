// What only S3 has, on real servers: signed URLs, unfinished uploads, options of objects. Other
// stores have nothing to show here.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/http_message.hpp"
#include "tests/support/loopback.hpp"
#include "vfs/context.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;
using cairn::test::HttpMessage;

namespace {

bool is_s3(const Place& place) {
  return place.url.starts_with("s3://");
}

std::string pattern_name() {
  return std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
}

/// Sends a request without any credentials to a signed URL of a server on this machine.
HttpMessage use(const Secret& url, const std::string& method, const std::string& body = {},
                const std::string& headers = {}) {
  const std::string scheme = "http://127.0.0.1:";
  const std::string& text = url.reveal();
  REQUIRE(text.starts_with(scheme));
  const std::size_t slash = text.find('/', scheme.size());
  const std::string port = text.substr(scheme.size(), slash - scheme.size());
  const int socket = cairn::test::connect_to(std::stoi(port));
  cairn::test::send_all(
      socket, method + " " + text.substr(slash) + " HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                  "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n" + headers + "\r\n" + body);
  std::string buffer;
  auto message = cairn::test::read_head(socket, buffer);
  REQUIRE(message.has_value());
  REQUIRE(cairn::test::read_body(socket, buffer, *message));
  close(socket);
  return *std::move(message);
}

/// A server that speaks TLS is for the tests of TLS: a signed URL is the same there.
bool speaks_http(const Place& place) {
  return is_s3(place) && place.files.sign("k").reveal().starts_with("http://127.0.0.1:");
}

}  // namespace

TEST_CASE("a signed URL reads a file without credentials", "[conformance][s3]") {
  const Place place;
  if (!speaks_http(place)) return;
  place.files.write("a b+c", "content");

  const HttpMessage answer = use(place.files.sign("a b+c"), "GET");

  CHECK(answer.status() == 200);
  CHECK(answer.body == "content");
}

TEST_CASE("a signed URL writes a file, with what was signed only", "[conformance][s3]") {
  const Place place;
  if (!speaks_http(place)) return;
  const Secret url = place.files.sign("k", {.method = SignMethod::put, .content_type = "text/x"});

  CHECK(use(url, "PUT", "other", "Content-Type: text/y\r\n").status() == 403);
  CHECK(use(url, "GET").status() / 100 == 4);
  CHECK(use(url, "PUT", "content", "Content-Type: text/x\r\n").status() == 200);

  CHECK(place.files.read_text("k") == "content");
  CHECK(place.files.stat("k")->content_type == "text/x");
}

TEST_CASE("a signed URL is of no use after its end or when it was changed", "[conformance][s3]") {
  const Place place;
  if (!speaks_http(place)) return;
  place.files.write("k", "content");
  const auto earlier = std::chrono::system_clock::now() - std::chrono::minutes(2);

  const HttpMessage expired = use(
      place.files.sign("k", {.expires = std::chrono::seconds(60), .signed_at = earlier}), "GET");
  std::string changed = place.files.sign("k").reveal();
  changed.back() = changed.back() == '0' ? '1' : '0';

  CHECK(expired.status() == 403);
  CHECK(expired.body.find("content") != 0);
  CHECK(use(Secret(changed), "GET").status() == 403);
}

TEST_CASE("a signed URL is opened like any other, and says when it has run out",
          "[conformance][s3]") {
  const Place place;
  if (!speaks_http(place)) return;
  place.files.write("k", "content");
  const auto earlier = std::chrono::system_clock::now() - std::chrono::minutes(2);
  const Secret expired =
      place.files.sign("k", {.expires = std::chrono::seconds(60), .signed_at = earlier});
  const auto read = [](const Secret& url) {
    const Location location = Context::make()->resolve(url.reveal());
    return location.file_system.read_text(location.path);
  };

  CHECK(read(place.files.sign("k")) == "content");
  const Error error = cairn::test::error_of([&] { static_cast<void>(read(expired)); });
  INFO(error.what());
  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(error.details().hint == "the signed URL has run out: have a new one made");
  CHECK(std::string(error.what()).find("Signature") == std::string::npos);
}

TEST_CASE("an upload that was never ended is listed and removed by its age", "[conformance][s3]") {
  const Place place;
  if (!is_s3(place)) return;
  const auto upload = place.store().start_upload(place.in_store("run/big"), {});
  upload->put_part(0, "content", {});

  const auto listed = place.files.list_uploads("run");
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].path == Path("run/big"));
  CHECK(place.files.list_uploads("ru").empty());

  CHECK(place.files.remove_stale_uploads("run", std::chrono::hours(1)).empty());
  CHECK(place.files.list_uploads("run").size() == 1);
  auto* uploads = dynamic_cast<Uploads*>(&place.store());
  REQUIRE(uploads != nullptr);
  uploads->abort_upload(place.in_store("run/big"), listed[0].id, {});
  uploads->abort_upload(place.in_store("run/big"), listed[0].id, {});

  CHECK(place.files.list_uploads("run").empty());
  CHECK(code_of([&] { upload->commit({}); }) == ErrorCode::not_found);
}

TEST_CASE("more files than one request holds are removed at once", "[conformance][s3]") {
  const Place place;
  if (!is_s3(place)) return;
  std::vector<Path> paths;
  for (int i = 0; i < 1003; ++i) paths.push_back(place.in_store("none" + std::to_string(i)));
  place.files.write("none1001", "x");

  const auto results = place.store().remove(paths, {});

  REQUIRE(results.size() == paths.size());
  for (const RemoveResult& result : results) CHECK(result.error.empty());
  CHECK_FALSE(place.files.exists("none1001"));
}

TEST_CASE("options of objects are taken", "[conformance][s3]") {
  const Place place({.s3 = {.request_payer = true}});
  if (!is_s3(place)) return;

  place.files.write("k", "content",
                    {.cache_control = "no-store",
                     .content_disposition = "attachment",
                     .tags = {{"team", "a b"}}});
  place.files.copy("k", "l", {.tags = {{"team", "c"}}});

  CHECK(place.files.read_text("l") == "content");
}

TEST_CASE("older versions of a file can be listed, read and removed", "[conformance][s3]") {
  const char* url = std::getenv("CAIRN_TEST_VERSIONED_URL");
  if (url == nullptr) return;
  const FileSystem files = FileSystem::open(std::string(url) + "/case-" + pattern_name());
  const WriteResult first = files.write("k", "one");
  const WriteResult second = files.write("k", "second");
  REQUIRE_FALSE(first.version.empty());
  CHECK(first.version != second.version);
  files.remove("k");
  CHECK_FALSE(files.exists("k"));

  const auto versions = files.list_versions("");
  REQUIRE(versions.size() == 3);
  CHECK(versions[0].removed);
  CHECK(versions[0].latest);
  CHECK(versions[1].info.version == second.version);
  CHECK(versions[2].info.version == first.version);
  CHECK(files.read_text("k", {.version = first.version}) == "one");
  CHECK(files.read_text("k", {.version = second.version}) == "second");
  CHECK(files.stat_version("k", first.version)->size == 3);
  CHECK_FALSE(files.stat_version("k", versions[0].info.version).has_value());

  files.remove_version("k", versions[0].info.version);  // the removal is taken back
  CHECK(files.read_text("k") == "second");
  files.remove_version("k", second.version);
  files.remove_version("k", first.version);
  CHECK(files.list_versions("").empty());
}
