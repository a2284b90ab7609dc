// What goes wrong between a user and a real server before anything is read: each has its code, and
// a message that says what to do.
#include <cstdlib>
#include <string>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

bool is_s3(const Place& place) {
  return place.url.starts_with("s3://");
}

/// What reading a file of the URL ends with.
Error error_of(const std::string& url, Config config) {
  config.retry = {.max_attempts = 2, .base_delay = std::chrono::milliseconds{1}};
  try {
    static_cast<void>(FileSystem::open(url, std::move(config)).read("k"));
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  return Error(ErrorCode::io, {});
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

void check_error(const Error& error, ErrorCode code, const std::string& hint) {
  INFO(error.what());
  CHECK(error.code() == code);
  CHECK(contains(error.details().hint, hint));
  for (const char* name : {"AWS_SECRET_ACCESS_KEY", "CAIRN_TEST_OTHER_SECRET_ACCESS_KEY"}) {
    const std::string secret = variable(name);
    CHECK((secret.empty() || !contains(error.what(), secret)));
  }
}

}  // namespace

TEST_CASE("a wrong secret is told from an unknown key", "[conformance][refused]") {
  const Place place;
  if (!is_s3(place)) return;
  check_error(error_of(place.url, {.s3 = {.access_key_id = variable("AWS_ACCESS_KEY_ID"),
                                          .secret_access_key = "not the secret"}}),
              ErrorCode::unauthenticated, "the secret access key does not fit the access key");
  check_error(
      error_of(place.url, {.s3 = {.access_key_id = "AKIDNOBODY", .secret_access_key = "x"}}),
      ErrorCode::unauthenticated, "does not know this access key");
}

TEST_CASE("a bucket that is not there is told from a file that is not there",
          "[conformance][refused]") {
  const Place place;
  if (!is_s3(place)) return;
  check_error(error_of("s3://cairn-no-such-bucket/run", {}), ErrorCode::not_found,
              "there is no bucket \"cairn-no-such-bucket\"");
  const Error file = error_of(place.url, {});
  CHECK(file.code() == ErrorCode::not_found);
  CHECK_FALSE(contains(file.what(), "no bucket"));
}

TEST_CASE("who may not read is told so", "[conformance][refused]") {
  const Place place;
  if (!is_s3(place)) return;
  place.files.write("k", "x");
  check_error(error_of(place.url, {.s3 = {.anonymous = true}}), ErrorCode::permission_denied,
              "the request was anonymous");
}

TEST_CASE("a user without permission is told that it is one that is lacking",
          "[conformance][refused]") {
  const Place place;
  if (!is_s3(place) || variable("CAIRN_TEST_SERVER").empty()) return;
  place.files.write("k", "x");
  const S3Options other{.access_key_id = variable("CAIRN_TEST_OTHER_ACCESS_KEY_ID"),
                        .secret_access_key = variable("CAIRN_TEST_OTHER_SECRET_ACCESS_KEY"),
                        .session_token = variable("CAIRN_TEST_OTHER_SESSION_TOKEN")};
  REQUIRE_FALSE(other.access_key_id.empty());

  check_error(error_of(place.url, {.s3 = other}), ErrorCode::permission_denied,
              "the credentials lack a permission");
  const FileSystem files = FileSystem::open(place.url, {.s3 = other});
  CHECK(code_of([&] { files.write("k", "y"); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { files.remove("k"); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { static_cast<void>(files.list("")); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { static_cast<void>(files.stat("k")); }) == ErrorCode::permission_denied);
  CHECK(place.files.read_text("k") == "x");
}

TEST_CASE("an endpoint that is none is told in each way that it can be wrong",
          "[conformance][refused]") {
  const Place place;
  if (!is_s3(place)) return;
  const auto at = [](const std::string& endpoint) {
    return Config{.s3 = {.endpoint_url = endpoint}};
  };
  check_error(error_of(place.url, at("http://127.0.0.1:1")), ErrorCode::unavailable,
              "is a server listening at http://127.0.0.1:1?");
  check_error(error_of(place.url, at("https://no-such-host.invalid")), ErrorCode::unavailable,
              "the host name of https://no-such-host.invalid is not known here");
  try {
    static_cast<void>(FileSystem::open(place.url, at("127.0.0.1:9000")));
    FAIL("no error");
  } catch (const Error& error) {
    check_error(error, ErrorCode::invalid_argument, "write it with its scheme");
  }
  const std::string endpoint = variable("AWS_ENDPOINT_URL");
  if (endpoint.starts_with("http://")) {
    check_error(error_of(place.url, at("https" + endpoint.substr(4))), ErrorCode::untrusted,
                "does not speak TLS at that port");
  }
}
