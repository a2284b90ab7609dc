// What goes wrong between a user and a real server before anything is read: each has its code, and
// a message that says what to do.
#include <string>

#include "tests/conformance/refused.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

/// For the store of the place, whose server listens elsewhere.
Config config_at(const Place& place, const std::string& endpoint) {
  Config config;
  if (is_at(place, "s3")) config.s3.endpoint_url = endpoint;
  if (is_at(place, "gs")) config.gcs = {.endpoint_url = endpoint, .anonymous = true};
  if (is_at(place, "az")) {
    config.azure = {.account = connection_part("AccountName"),
                    .account_key = connection_part("AccountKey"),
                    .endpoint_url = endpoint};
  }
  return config;
}

/// The endpoint of the server under test; empty where a URL names its server itself.
std::string endpoint_of(const Place& place) {
  if (is_at(place, "s3")) return variable("AWS_ENDPOINT_URL");
  if (is_at(place, "gs")) return variable("STORAGE_EMULATOR_HOST");
  return is_at(place, "az") ? connection_part("BlobEndpoint") : std::string();
}

}  // namespace

TEST_CASE("a wrong secret is told from an unknown key", "[conformance][refused]") {
  const Place place;
  if (!is_at(place, "s3")) return;
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
  if (endpoint_of(place).empty()) return;
  const std::string scheme = place.url.substr(0, place.url.find(':'));
  const std::string noun = scheme == "az" ? "container" : "bucket";
  check_error(error_of(scheme + "://cairn-no-such-bucket/run", {}), ErrorCode::not_found,
              "there is no " + noun + " \"cairn-no-such-bucket\"");
  const Error file = error_of(place.url, {});
  CHECK(file.code() == ErrorCode::not_found);
  CHECK_FALSE(contains(file.what(), "no " + noun));
}

TEST_CASE("who may not read is told so", "[conformance][refused]") {
  const Place place;
  if (!is_at(place, "s3")) return;
  place.files.write("k", "x");
  check_error(error_of(place.url, {.s3 = {.anonymous = true}}), ErrorCode::permission_denied,
              "the request was anonymous");
}

TEST_CASE("a user without permission is told that it is one that is lacking",
          "[conformance][refused]") {
  const Place place;
  if (!is_at(place, "s3") || variable("CAIRN_TEST_SERVER").empty()) return;
  place.files.write("k", "x");
  const S3Options other{.access_key_id = variable("CAIRN_TEST_OTHER_ACCESS_KEY_ID"),
                        .secret_access_key = variable("CAIRN_TEST_OTHER_SECRET_ACCESS_KEY"),
                        .session_token = variable("CAIRN_TEST_OTHER_SESSION_TOKEN")};
  REQUIRE_FALSE(other.access_key_id.empty());

  check_error(error_of(place.url, {.s3 = other}), ErrorCode::permission_denied,
              "ask the bucket's owner for s3:GetObject");
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
  const std::string endpoint = endpoint_of(place);
  if (endpoint.empty()) return;
  check_error(error_of(place.url, config_at(place, "http://127.0.0.1:1")), ErrorCode::unavailable,
              "is a server listening at http://127.0.0.1:1");
  check_error(error_of(place.url, config_at(place, "https://no-such-host.invalid")),
              ErrorCode::unavailable,
              "the host name of https://no-such-host.invalid is not known here");
  check_error(cairn::test::error_of([&] {
                static_cast<void>(FileSystem::open(place.url, config_at(place, "127.0.0.1:9000")));
              }),
              ErrorCode::invalid_argument, "write it with its scheme");
  if (endpoint.starts_with("http://")) {
    check_error(error_of(place.url, config_at(place, "https" + endpoint.substr(4))),
                ErrorCode::untrusted, "does not speak TLS at that port");
  }
}
