#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/recorded_memory.hpp"
#include "vfs/base/services.hpp"
#include "vfs/copy.hpp"
#include "vfs/error.hpp"
#include "vfs/transfer/transfer.hpp"

using namespace cairn::vfs;
using cairn::test::pattern;
using cairn::test::RecordedMemory;

namespace {

constexpr std::size_t kMiB = 1U << 20U;

/// A store with the limits of S3.
struct FarMemory : RecordedMemory {
  explicit FarMemory(Config config = {}) : RecordedMemory(std::move(config)) {
    store->limits.max_put = 5ULL << 30U;
    store->limits.min_part = 5 * kMiB;
    store->limits.max_part = 5ULL << 30U;
    store->limits.max_parts = 10'000;
  }
  [[nodiscard]] std::uint64_t part_size(std::uint64_t size) const {
    return transfer::part_size({*store, context->services()}, size);
  }
};

/// A text that is not in memory; counts how much of it is.
class TextSource : public BodySource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] Body take(std::uint64_t offset, std::uint64_t length) const override {
    const std::lock_guard lock(mutex_);
    taken_.push_back(length);
    held_ += length;
    most_ = std::max(most_, held_);
    auto copy = std::shared_ptr<std::string>(new std::string(text_.substr(offset, length)),
                                             [this](std::string* text) { let_go(text); });
    Body body;
    body.append(as_bytes(*copy), copy);
    return body;
  }
  [[nodiscard]] std::vector<std::uint64_t> taken() const { return taken_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }

 private:
  void let_go(const std::string* text) const {
    const std::lock_guard lock(mutex_);
    held_ -= text->size();
    delete text;
  }

  const std::string text_;
  mutable std::mutex mutex_;
  mutable std::vector<std::uint64_t> taken_;
  mutable std::uint64_t held_{0};
  mutable std::uint64_t most_{0};
};

}  // namespace

TEST_CASE("of a source's bytes those are in memory that are on their way", "[write]") {
  FarMemory memory(Config{.transfer = {.parallel = 2}});
  const std::string text = pattern(64 * kMiB);
  const auto source = std::make_shared<TextSource>(text);

  memory.files.write("k", Body(source, text.size()));

  CHECK(source->taken() == std::vector<std::uint64_t>(8, 8 * kMiB));
  CHECK(source->most() <= 2 * 8 * kMiB);
  CHECK((memory.files.read_text("k") == text));
}

TEST_CASE("a source's bytes go in parts to a store near by, too", "[write]") {
  RecordedMemory memory(Config{.transfer = {.parallel = 2}});
  const std::string text = pattern(20 * kMiB);
  const auto source = std::make_shared<TextSource>(text);

  memory.files.write("k", Body(source, text.size()));

  CHECK(memory.store->count("put_part") == 3);
  CHECK((memory.files.read_text("k") == text));
}

TEST_CASE("a store that takes one part after the other gets a source's bytes at once", "[write]") {
  RecordedMemory memory;
  memory.store->limits.parallel_parts = false;
  const auto source = std::make_shared<TextSource>(pattern(20 * kMiB));

  memory.files.write("k", Body(source, 20 * kMiB));

  CHECK(source->taken() == std::vector<std::uint64_t>{20 * kMiB});
  CHECK(memory.store->count("put_part") == 0);
}

TEST_CASE("a body of one part is one put", "[write]") {
  FarMemory memory;
  memory.files.write("k", pattern(8 * kMiB));
  CHECK(memory.store->calls() == std::vector<std::string>{"put 8388608"});
}

TEST_CASE("a larger body goes in parts", "[write]") {
  FarMemory memory;
  const std::string text = pattern(20 * kMiB);

  CHECK(memory.files.write("k", text).size == text.size());

  CHECK(memory.store->count("put_part") == 3);
  CHECK(memory.store->count("commit") == 1);
  CHECK((memory.files.read_text("k") == text));
}

TEST_CASE("parts grow where their number is limited", "[write]") {
  const FarMemory memory;
  CHECK(memory.part_size(0) == 8 * kMiB);
  CHECK(memory.part_size(10'000 * 8 * kMiB) == 8 * kMiB);
  CHECK(memory.part_size(10'000 * 8 * kMiB + 1) == 9 * kMiB);
  CHECK(memory.part_size(5ULL << 40U) == 525 * kMiB);
  CHECK_THROWS_AS(memory.part_size(~0ULL >> 1U), Error);
}

TEST_CASE("a part size of the configuration counts, within the store's limits", "[write]") {
  CHECK(FarMemory({.transfer = {.part_size = 64 * kMiB}}).part_size(1) == 64 * kMiB);
  CHECK(FarMemory({.transfer = {.part_size = 1}}).part_size(1) == 5 * kMiB);
}

TEST_CASE("a part size of the call goes before the configuration's, within the store's limits",
          "[write]") {
  FarMemory memory({.transfer = {.part_size = 64 * kMiB}});
  memory.store->limits.max_part = 32 * kMiB;
  const std::string text = pattern(40 * kMiB);
  const auto parts = [&](std::uint64_t part_size) {
    const std::size_t before = memory.store->count("put_part");
    memory.files.write("k", text, {.part_size = part_size});
    return memory.store->count("put_part") - before;
  };

  CHECK(parts(10 * kMiB) == 4);
  CHECK(parts(1) == 8);
  CHECK(parts(1ULL << 40U) == 2);
  CHECK((memory.files.read_text("k") == text));
}

TEST_CASE("progress tells what the store has taken, up to all of it", "[write]") {
  FarMemory memory;
  std::vector<std::uint64_t> told;
  const Progress progress = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 20 * kMiB);
    told.push_back(done);
  };

  memory.files.write("k", pattern(20 * kMiB), {.progress = progress});

  REQUIRE(told.size() == 3);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back() == 20 * kMiB);

  told.clear();
  memory.files.write("k", pattern(20 * kMiB), {.part_size = 20 * kMiB, .progress = progress});
  CHECK(told == std::vector<std::uint64_t>{20 * kMiB});
}

TEST_CASE("what progress throws ends the upload, and nothing is written", "[write]") {
  FarMemory memory;
  const auto write = [&] {
    memory.files.write("k", pattern(20 * kMiB), {.progress = [](std::uint64_t, std::uint64_t) {
                         throw std::runtime_error("enough");
                       }});
  };

  CHECK_THROWS_WITH(write(), "enough");

  CHECK(memory.store->count("abort") >= 1);
  CHECK_FALSE(memory.files.exists("k"));
}

TEST_CASE("a copy from one store to another tells its progress, in parts of the call's size",
          "[copy]") {
  FarMemory from;
  FarMemory to;
  from.files.write("k", pattern(20 * kMiB));
  std::uint64_t last = 0;

  cairn::vfs::copy(
      {from.files, "k"}, {to.files, "k"},
      {.part_size = 10 * kMiB, .progress = [&](std::uint64_t done, std::uint64_t total) {
         CHECK(total == 20 * kMiB);
         last = done;
       }});

  CHECK(last == 20 * kMiB);
  CHECK(to.store->count("put_part") == 2);
}

TEST_CASE("a part that fails gives up the upload and leaves the old file", "[write]") {
  FarMemory memory;
  memory.files.write("k", "old");
  memory.store->before = [](const std::string& call) {
    if (call.starts_with("put_part 2")) throw Error(ErrorCode::io, {.message = "broken"});
  };

  CHECK_THROWS_AS(memory.files.write("k", pattern(64 * kMiB)), Error);

  CHECK(memory.store->count("abort") >= 1);
  CHECK(memory.store->count("commit") == 0);
  CHECK(memory.files.read_text("k") == "old");
}

TEST_CASE("a file is copied from one store to another, with type and metadata", "[copy]") {
  FarMemory from;
  FarMemory to;
  const std::string text = pattern(20 * kMiB);
  from.files.write("k", text, {.content_type = "text/plain", .metadata = {{"run", "7"}}});

  copy({from.files, "k"}, {to.files, "d/copy"});

  CHECK((to.files.read_text("d/copy") == text));
  CHECK(to.store->count("put_part") == 3);
  const auto info = to.files.stat("d/copy");
  CHECK(info->content_type == "text/plain");
  CHECK(info->metadata.at("run") == "7");
}

TEST_CASE("a copy between stores obeys the conditions at its target", "[copy]") {
  FarMemory from;
  FarMemory to;
  from.files.write("k", "new");
  to.files.write("k", "old");

  CHECK_THROWS_AS(copy({from.files, "k"}, {to.files, "k"}, {.if_absent = true}), Error);

  CHECK(to.files.read_text("k") == "old");
}

TEST_CASE("within one store the store copies", "[copy]") {
  FarMemory memory;
  memory.files.write("a", "x");
  memory.files.copy("a", "b");
  CHECK(memory.store->count("copy") == 1);
  CHECK(memory.store->count("read") == 0);
}

TEST_CASE("a file copied or moved onto itself stays as it is", "[copy]") {
  FarMemory memory;
  const std::string etag = memory.files.write("a", "x").etag;
  CHECK(memory.files.copy("a", "a").etag == etag);
  CHECK(memory.files.move("a", "a").etag == etag);
  CHECK(memory.store->count("copy") + memory.store->count("move") == 0);
  CHECK_THROWS_AS(memory.files.copy("none", "none"), Error);
}
