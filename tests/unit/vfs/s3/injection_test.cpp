// Line breaks and NULs in whatever a user can give: refused before anything is sent, or sent so
// that they stay what they are.
#include <functional>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_server.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;
using test::Reply;
using test::ScriptedServer;

const std::string kEvil = "x\r\nX-Evil: 1";
const std::string kNul("x\0y", 3);

vfs::Config config_for(const ScriptedServer& server) {
  vfs::Config config{.retry = {.max_attempts = 1},
                     .s3 = {.access_key_id = "id",
                            .secret_access_key = "secret",
                            .region = "us-east-1",
                            .endpoint_url = server.url()}};
  config.environment = [](std::string_view) -> std::optional<std::string> { return {}; };
  return config;
}

struct Case {
  const char* what;
  std::function<void(vfs::Config&, vfs::WriteOptions&, const std::string&)> set;
};

const Case kCases[]{
    {"region", [](auto& config, auto&, auto& text) { config.s3.region = text; }},
    {"access key", [](auto& config, auto&, auto& text) { config.s3.access_key_id = text; }},
    {"session token", [](auto& config, auto&, auto& text) { config.s3.session_token = text; }},
    {"storage class", [](auto& config, auto&, auto& text) { config.s3.storage_class = text; }},
    {"content type", [](auto&, auto& options, auto& text) { options.content_type = text; }},
    {"cache control", [](auto&, auto& options, auto& text) { options.cache_control = text; }},
    {"disposition", [](auto&, auto& options, auto& text) { options.content_disposition = text; }},
    {"metadata", [](auto&, auto& options, auto& text) { options.metadata["k"] = text; }},
    {"name of metadata", [](auto&, auto& options, auto& text) { options.metadata[text] = "v"; }},
    {"etag of a condition", [](auto&, auto& options, auto& text) { options.if_match = text; }},
};

}  // namespace

TEST_CASE("a line break or a NUL in what becomes a header is refused before anything is sent",
          "[s3][injection]") {
  for (const Case& c : kCases) {
    for (const std::string& text : {kEvil, kNul}) {
      INFO(c.what);
      ScriptedServer server({Reply{.headers = {{"ETag", "\"e\""}}}});
      vfs::Config config = config_for(server);
      vfs::WriteOptions options;
      c.set(config, options, text);
      try {
        vfs::FileSystem::open("s3://bkt/", config).write("k", "x", options);
        FAIL_CHECK("it was written");
      } catch (const vfs::Error& error) {
        INFO(error.what());
        CHECK(error.code() == vfs::ErrorCode::invalid_argument);
      }
      CHECK(server.received().empty());
    }
  }
}

TEST_CASE("the name of a bucket is checked before anything is sent", "[s3][injection]") {
  ScriptedServer server({Reply{}});
  for (const std::string& text : {kEvil, kNul, std::string("a%2Fb"), std::string("a@b")}) {
    try {
      vfs::FileSystem::open("s3://" + text + "/", config_for(server)).write("k", "x");
      FAIL_CHECK("it was written");
    } catch (const vfs::Error& error) {
      CHECK(error.code() == vfs::ErrorCode::invalid_argument);
    }
  }
  CHECK(server.received().empty());
}

TEST_CASE("a key may hold line breaks, NULs and what looks like another path", "[s3][injection]") {
  for (const auto& [key, target] : std::vector<std::pair<std::string, std::string>>{
           {kEvil, "/bkt/x%0D%0AX-Evil%3A%201"},
           {kNul, "/bkt/x%00y"},
           {"a/../b", "/bkt/a/../b"},
           {"a?uploads&b#c", "/bkt/a%3Fuploads%26b%23c"}}) {
    ScriptedServer server({Reply{.headers = {{"ETag", "\"e\""}}}});
    vfs::FileSystem::open("s3://bkt/", config_for(server)).write(vfs::Path(key), "x");
    REQUIRE(server.received().size() == 1);
    CHECK(server.received().front().target == target);
    CHECK(server.received().front().header("x-evil").empty());
  }
}
