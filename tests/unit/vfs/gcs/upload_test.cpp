// The three ways to write an object in parts, on a simulated Cloud Storage.
#include "tests/support/pattern.hpp"
#include "tests/unit/vfs/gcs/bucket_fixture.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::GcsBucket;
using test::pattern;
using test::sim::Fault;

constexpr std::size_t kUnit = 256U << 10U;

const GcsUpload kWays[]{GcsUpload::xml, GcsUpload::compose, GcsUpload::resumable};

TEST_CASE("an upload in parts is the object that was sent, whichever way it goes",
          "[gcs][upload]") {
  for (const GcsUpload way : kWays) {
    GcsBucket b({.upload = way});
    const std::string text = pattern(3 * kUnit + 17);
    const WriteResult result =
        b.upload("dir/k", text, kUnit, {.content_type = "x/y", .metadata = {{"owner", "me"}}});
    CHECK(result.size == text.size());
    CHECK((b.server->content("dir/k") == text));
    CHECK(result.etag == b.server->etag("dir/k"));
    CHECK(b.server->keys() == std::vector<std::string>{"dir/k"});
    CHECK(b.server->leftovers() == 0);
    const auto info = b.store->stat("dir/k", {});
    REQUIRE(info);
    CHECK(info->content_type == "x/y");
    CHECK(info->metadata == Metadata{{"owner", "me"}});
  }
}

TEST_CASE("an upload without parts is an empty object", "[gcs][upload]") {
  for (const GcsUpload way : kWays) {
    GcsBucket b({.upload = way});
    CHECK(b.upload("k", "", kUnit).size == 0);
    CHECK(b.server->content("k") == "");
  }
}

TEST_CASE("an upload that shall create does not replace, whichever way it goes", "[gcs][upload]") {
  for (const GcsUpload way : kWays) {
    GcsBucket b({.upload = way});
    b.add("k", "old");
    const Error error =
        test::error_of([&] { b.upload("k", pattern(kUnit + 1), kUnit, {.if_absent = true}); });
    CHECK(error.code() == ErrorCode::already_exists);
    CHECK(b.server->content("k") == "old");
    CHECK(b.server->keys() == std::vector<std::string>{"k"});
  }
}

TEST_CASE("a conditional upload whose last answer is lost knows its object again",
          "[gcs][upload]") {
  for (const GcsUpload way : kWays) {
    for (std::size_t last = 0; last < 12; ++last) {
      GcsBucket b({.upload = way});
      b.network->plan().faults[last] = Fault::lost_answer;
      const std::string text = pattern(2 * kUnit);
      b.upload("k", text, kUnit, {.if_absent = true});
      CHECK((b.server->content("k") == text));
      CHECK(b.server->keys() == std::vector<std::string>{"k"});
    }
  }
}

TEST_CASE("more than 32 parts are put together in two steps", "[gcs][upload]") {
  GcsBucket b({.upload = GcsUpload::compose});
  const std::string text = pattern(70);
  b.upload("k", text, 1);
  CHECK(b.server->content("k") == text);
  CHECK(b.count("/compose") == 4);  // 32, 32, 6, and these three
  CHECK(b.server->keys() == std::vector<std::string>{"k"});
}

TEST_CASE("an upload that is given up leaves nothing", "[gcs][upload]") {
  for (const GcsUpload way : kWays) {
    GcsBucket b({.upload = way});
    {
      const auto upload = b.store->start_upload("k", {});
      upload->put_part(0, pattern(kUnit), {});
    }
    CHECK(b.server->keys().empty());
    CHECK(b.server->leftovers() == 0);
  }
}

TEST_CASE("a session that keeps less than was sent gets the rest again", "[gcs][upload]") {
  test::sim::gcs::Options options;
  options.persisted = {kUnit, 0, kUnit};
  GcsBucket b({.upload = GcsUpload::resumable}, std::move(options));
  const std::string text = pattern(4 * kUnit + 5);
  b.upload("k", text, 2 * kUnit);
  CHECK((b.server->content("k") == text));
}

TEST_CASE("parts of a session that are no multiples of its unit are carried over",
          "[gcs][upload]") {
  GcsBucket b({.upload = GcsUpload::resumable});
  const std::string text = pattern(2 * kUnit + 100);
  b.upload("k", text, 100'000);
  CHECK((b.server->content("k") == text));
}

TEST_CASE("after a lost answer a session is asked how much it has", "[gcs][upload]") {
  GcsBucket b({.upload = GcsUpload::resumable});
  b.network->plan().faults[1] = Fault::lost_answer;
  const std::string text = pattern(2 * kUnit);
  b.upload("k", text, kUnit);
  CHECK((b.server->content("k") == text));
  CHECK(b.network->log().size() == 5);  // start, chunk, status, chunk, end
}

TEST_CASE("a session that is gone is a conflict, so that the upload begins anew", "[gcs][upload]") {
  for (const int status : {404, 410}) {
    GcsBucket b({.upload = GcsUpload::resumable});
    const auto upload = b.store->start_upload("k", {});
    b.server->options().lost_sessions = status;
    const Error error = test::error_of([&] { upload->put_part(0, pattern(kUnit), {}); });
    CHECK(error.code() == ErrorCode::conflict);
    CHECK_FALSE(contains(error.what(), "upload_id"));
    b.server->options().lost_sessions = 0;
  }
}

TEST_CASE("which way an upload goes is configuration", "[gcs][upload]") {
  const auto way = [](std::string endpoint, GcsUpload upload, bool conditional) {
    GcsBucket b({.endpoint_url = std::move(endpoint), .upload = upload});
    b.upload("k", "abc", 1, {.if_absent = conditional});
    if (b.count("uploadId=") > 0) return b.count("/rewriteTo/") > 0 ? "xml, rewrite" : "xml";
    return b.count("/compose") > 0 ? "compose" : "resumable";
  };
  CHECK(way("", GcsUpload::automatic, false) == std::string("xml"));
  CHECK(way("", GcsUpload::automatic, true) == std::string("compose"));
  CHECK(way("http://127.0.0.1:4443", GcsUpload::automatic, false) == std::string("compose"));
  CHECK(way("", GcsUpload::xml, true) == std::string("xml, rewrite"));
  CHECK(way("http://127.0.0.1:4443", GcsUpload::xml, false) == std::string("xml"));
  CHECK(way("", GcsUpload::resumable, true) == std::string("resumable"));
}

}  // namespace
