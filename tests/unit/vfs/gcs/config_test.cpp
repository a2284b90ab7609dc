#include "vfs/gcs/config.hpp"

#include <map>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;

gcs::BucketConfig resolve(std::string_view bucket, const Config& config = {},
                          const std::map<std::string, std::string, std::less<>>& variables = {}) {
  return gcs::resolve_bucket(
      bucket, config, Variables([&](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      }));
}

TEST_CASE("a bucket is at Google unless something else is said", "[gcs][config]") {
  const auto config = resolve("my-bucket.example.com");
  CHECK(config.endpoint == "https://storage.googleapis.com");
  CHECK(config.googles_own);
  CHECK_FALSE(config.anonymous);
}

TEST_CASE("an emulator needs no scheme and no credentials", "[gcs][config]") {
  const auto config = resolve("bkt", {}, {{"STORAGE_EMULATOR_HOST", "127.0.0.1:4443"}});
  CHECK(config.endpoint == "http://127.0.0.1:4443");
  CHECK_FALSE(config.googles_own);
  CHECK(config.anonymous);
  CHECK_FALSE(
      resolve("bkt", {.gcs = {.token = "t"}}, {{"STORAGE_EMULATOR_HOST", "http://127.0.0.1:4443/"}})
          .anonymous);
}

TEST_CASE("what the program says goes before the environment", "[gcs][config]") {
  CHECK(resolve("bkt", {.gcs = {.endpoint_url = "http://localhost:1"}},
                {{"STORAGE_EMULATOR_HOST", "127.0.0.1:2"}})
            .endpoint == "http://localhost:1");
}

TEST_CASE("names that no bucket can have are refused", "[gcs][config]") {
  for (const char* name : {"", "ab", "Bucket", "-bucket", "bucket-", "b ucket", "buck#et", "a/b"}) {
    const Error error = test::error_of([&] { static_cast<void>(resolve(name)); });
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(contains(error.details().hint, "3 to 63 characters"));
  }
  CHECK(test::error_of([] { static_cast<void>(resolve(std::string(64, 'a'))); }).code() ==
        ErrorCode::invalid_argument);
}

TEST_CASE("an endpoint is a scheme, a host and a port", "[gcs][config]") {
  for (const char* endpoint :
       {"127.0.0.1:4443", "http://", "http://h/path", "http://u@h", "ftp://h"}) {
    CHECK(test::error_of([&] {
            static_cast<void>(resolve("bkt", {.gcs = {.endpoint_url = endpoint}}));
          }).code() == ErrorCode::invalid_argument);
  }
}

TEST_CASE("tokens go unencrypted to this machine only, unless allowed", "[gcs][config]") {
  Config config{.gcs = {.endpoint_url = "http://192.0.2.1"}};
  const Error error = test::error_of([&] { static_cast<void>(resolve("bkt", config)); });
  CHECK(contains(error.what(), "unencrypted over http to 192.0.2.1"));
  config.http.allow_plain_http = true;
  CHECK(resolve("bkt", config).endpoint == "http://192.0.2.1");
  config = {.gcs = {.endpoint_url = "http://192.0.2.1", .anonymous = true}};
  CHECK(resolve("bkt", config).anonymous);
}

}  // namespace
