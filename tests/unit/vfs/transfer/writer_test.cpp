#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/recorded_memory.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;
using cairn::test::pattern;
using cairn::test::RecordedMemory;

namespace {

constexpr std::size_t kMiB = 1U << 20U;

Config small_parts() {
  return {.transfer = {.parallel = 4, .part_size = 1 * kMiB, .memory = 2 * kMiB}};
}

}  // namespace

TEST_CASE("what is written in pieces is one file after commit", "[writer]") {
  RecordedMemory memory(small_parts());
  const std::string text = pattern(10 * kMiB + 17);
  Writer writer = memory.files.open_write("k");
  for (std::size_t at = 0; at < text.size(); at += 300'000)
    writer.write(std::string_view(text).substr(at, 300'000));
  CHECK_FALSE(memory.files.exists("k"));

  const WriteResult result = writer.commit();

  CHECK(result.size == text.size());
  CHECK(result.etag == memory.files.stat("k")->etag);
  CHECK((memory.files.read_text("k") == text));
  CHECK(memory.store->count("put_part") == 11);
}

TEST_CASE("a writer of up to one part is one put", "[writer]") {
  RecordedMemory memory(small_parts());
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, 1 * kMiB}) {
    Writer writer = memory.files.open_write("k");
    writer.write(pattern(size));
    writer.commit();
    CHECK(memory.files.stat("k")->size == size);
  }
  CHECK(memory.store->count("put ") == 3);
  CHECK(memory.store->count("start_upload") == 0);
}

TEST_CASE("a writer cuts parts of the call's size and tells what the store has taken", "[writer]") {
  RecordedMemory memory;
  std::uint64_t last = 0;
  Writer writer = memory.files.open_write(
      "k", {.part_size = 2 * kMiB, .progress = [&](std::uint64_t done, std::uint64_t total) {
              CHECK(done > last);
              CHECK(total == 0);  // not known before the end
              last = done;
            }});
  writer.write(pattern(5 * kMiB));
  writer.commit();

  CHECK(last == 5 * kMiB);
  CHECK(memory.store->count("put_part") == 3);
}

TEST_CASE("a writer that goes without commit leaves the old file", "[writer]") {
  RecordedMemory memory(small_parts());
  memory.files.write("k", "old");
  try {
    Writer writer = memory.files.open_write("k");
    writer.write(pattern(5 * kMiB));
    throw std::runtime_error("something else");
  } catch (const std::runtime_error&) {
  }
  CHECK(memory.files.read_text("k") == "old");
  CHECK(memory.store->count("abort") == 1);
  CHECK(memory.store->count("commit") == 0);
}

TEST_CASE("a writer that has failed can't be committed", "[writer]") {
  RecordedMemory memory(small_parts());
  memory.store->before = [](const std::string& call) {
    if (call.starts_with("start_upload")) throw Error(ErrorCode::unavailable, {.message = "down"});
  };
  Writer writer = memory.files.open_write("k");
  CHECK_THROWS_AS(writer.write(pattern(3 * kMiB)), Error);

  CHECK_THROWS_AS(writer.commit(), Error);

  CHECK_FALSE(memory.files.exists("k"));
}

TEST_CASE("a part that fails in the background fails the writer", "[writer]") {
  RecordedMemory memory(small_parts());
  memory.store->before = [](const std::string& call) {
    if (call.starts_with("put_part 1")) throw Error(ErrorCode::io, {.message = "cut"});
  };
  Writer writer = memory.files.open_write("k");

  CHECK_THROWS_WITH(
      [&] {
        writer.write(pattern(20 * kMiB));
        writer.commit();
      }(),
      "cannot access: I/O error: cut");
  writer.abort();

  CHECK_FALSE(memory.files.exists("k"));
  CHECK(memory.store->count("abort") == 1);
}

TEST_CASE("a closed writer takes no more", "[writer]") {
  RecordedMemory memory;
  Writer writer = memory.files.open_write("k");
  writer.commit();
  CHECK_THROWS_AS(writer.write("x"), Error);
  CHECK_THROWS_AS(writer.commit(), Error);

  Writer aborted = memory.files.open_write("j");
  aborted.abort();
  CHECK_THROWS_AS(aborted.commit(), Error);
  CHECK_FALSE(memory.files.exists("j"));
}

TEST_CASE("assigning to an open writer gives up what it had", "[writer]") {
  RecordedMemory memory(small_parts());
  Writer writer = memory.files.open_write("a");
  writer.write(pattern(3 * kMiB));

  writer = memory.files.open_write("b");
  writer.write("x");
  writer.commit();

  CHECK_FALSE(memory.files.exists("a"));
  CHECK(memory.files.exists("b"));
}

TEST_CASE("a writer that outgrows the number of parts says how to go on", "[writer]") {
  RecordedMemory memory(small_parts());
  memory.store->limits.max_parts = 3;
  Writer writer = memory.files.open_write("k");
  try {
    writer.write(pattern(5 * kMiB));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "part_size"));
  }
}

TEST_CASE("a file that grows has larger parts after the first thousand, unless they are fixed",
          "[writer]") {
  const auto parts = [](bool fixed) {
    RecordedMemory memory({.transfer = {.part_size = 1, .fixed_part_size = fixed}});
    memory.store->limits.max_parts = 10'000;
    Writer writer = memory.files.open_write("k");
    writer.write(pattern(1010));
    CHECK(writer.commit().size == 1010);
    return memory.store->count("put_part");
  };
  CHECK(parts(false) == 1005);
  CHECK(parts(true) == 1010);
}

TEST_CASE("many writers share a small memory budget without waiting for each other", "[writer]") {
  RecordedMemory memory(small_parts());
  const std::string text = pattern(3 * kMiB);
  std::vector<Writer> writers;
  for (int i = 0; i < 6; ++i) writers.push_back(memory.files.open_write(std::to_string(i)));

  for (std::size_t at = 0; at < text.size(); at += kMiB / 2) {
    for (Writer& writer : writers) writer.write(std::string_view(text).substr(at, kMiB / 2));
  }
  for (Writer& writer : writers) writer.commit();

  for (int i = 0; i < 6; ++i) CHECK((memory.files.read_text(std::to_string(i)) == text));
}

TEST_CASE("the conditions of a writer hold at commit", "[writer]") {
  RecordedMemory memory;
  Writer writer = memory.files.open_write("k", {.if_absent = true});
  memory.files.write("k", "faster");
  CHECK_THROWS_AS(writer.commit(), Error);
  CHECK(memory.files.read_text("k") == "faster");
}
