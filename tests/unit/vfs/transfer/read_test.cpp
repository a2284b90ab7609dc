#include <array>
#include <atomic>

#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/recorded_memory.hpp"

using namespace cairn::vfs;
using cairn::test::code_of;
using cairn::test::pattern;
using cairn::test::RecordedMemory;

namespace {

constexpr std::size_t kMiB = 1U << 20U;
}  // namespace

TEST_CASE("a small file costs one request to read", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", "hello", {});

  CHECK(memory.files.read_text("k") == "hello");

  CHECK(memory.store->calls() == std::vector<std::string>{"read 0+4194304"});
}

TEST_CASE("a large file is read in parallel after the first request has shown its size", "[read]") {
  RecordedMemory memory;
  const std::string text = pattern(37 * kMiB + 5);
  memory.memory->put("k", text, {});

  CHECK(memory.files.read_text("k") == text);

  CHECK(memory.store->count("read") == 6);  // 4 MiB, and 33 in pieces of 8
  CHECK(memory.store->count("stat") == 0);
}

TEST_CASE("ranges land where they belong", "[read]") {
  RecordedMemory memory;
  const std::string text = pattern(30 * kMiB);
  memory.memory->put("k", text, {});
  const std::vector<std::pair<std::size_t, std::size_t>> wanted{
      {29 * kMiB, kMiB}, {0, 10}, {100, 0}, {20, 1000}, {15, 10}, {2 * kMiB, 20 * kMiB}};
  std::vector<std::string> out;
  std::vector<RangeRead> ranges;
  for (const auto& [offset, size] : wanted) out.emplace_back(size, '?');
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ranges.push_back({wanted[i].first, std::as_writable_bytes(std::span(out[i]))});
  }

  const FileInfo info = memory.files.read_ranges("k", ranges);

  CHECK(info.size == text.size());
  CHECK(info.path == Path("k"));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK((out[i] == text.substr(wanted[i].first, wanted[i].second)));
  }
}

TEST_CASE("the CRC-32 of a range is that of all of it, also if its end is fetched with the next",
          "[read]") {
  RecordedMemory memory;
  const std::string text = pattern(18 * kMiB);
  memory.memory->put("k", text, {});
  std::string large(17 * kMiB, '?');
  std::string next(10, '?');
  std::string inside(10, '?');
  std::array<std::uint32_t, 3> sums{};
  const std::array<RangeRead, 3> ranges{{
      {0, std::as_writable_bytes(std::span(large)), &sums[0]},
      {17 * kMiB, std::as_writable_bytes(std::span(next)), &sums[1]},
      {100, std::as_writable_bytes(std::span(inside)), &sums[2]},
  }};

  memory.files.read_ranges("k", ranges);

  CHECK((large == text.substr(0, 17 * kMiB)));
  CHECK(next == text.substr(17 * kMiB, 10));
  CHECK(inside == text.substr(100, 10));
  // python: zlib.crc32(pattern[offset:offset + size])
  CHECK(sums == std::array<std::uint32_t, 3>{0x80DEA227, 0x012CE5BC, 0x187139EF});
}

TEST_CASE("a range past the end is refused", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", "0123456789", {});
  std::string out(5, '?');
  for (const std::uint64_t offset : {6U, 10U, 1000U}) {
    const RangeRead range{offset, std::as_writable_bytes(std::span(out))};
    CHECK(code_of([&] { memory.files.read_ranges("k", std::span(&range, 1)); }) ==
          ErrorCode::invalid_argument);
  }
}

TEST_CASE("no ranges still tell what the file is", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", "abc", {});
  CHECK(memory.files.read_ranges("k", {}).size == 3);
  CHECK(code_of([&] { memory.files.read_ranges("none", {}); }) == ErrorCode::not_found);
}

TEST_CASE("a file that changes between two requests of a read is an error, not a mix", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", pattern(64 * kMiB), {});
  std::atomic<int> reads{0};
  memory.store->before = [&](const std::string& call) {
    if (call.starts_with("read") && ++reads == 3) memory.memory->put("k", pattern(64 * kMiB), {});
  };

  CHECK(code_of([&] { static_cast<void>(memory.files.read("k")); }) ==
        ErrorCode::precondition_failed);
}

TEST_CASE("answers of different versions are noticed where the store ignores conditions",
          "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", pattern(64 * kMiB), {});
  std::atomic<int> reads{0};
  memory.store->etag = [&] { return ++reads > 3 ? std::string("new") : std::string("old"); };

  CHECK(code_of([&] { static_cast<void>(memory.files.read("k")); }) ==
        ErrorCode::precondition_failed);
}

TEST_CASE("a reader goes through a file in small steps with few requests", "[read]") {
  RecordedMemory memory;
  const std::string text = pattern(20 * kMiB + 123);
  memory.memory->put("k", text, {});

  std::string out;
  {
    Reader reader = memory.files.open_read("k");
    std::string step(100'000, '?');
    while (const std::size_t count = reader.read(std::as_writable_bytes(std::span(step))))
      out.append(step, 0, count);
  }

  CHECK((out == text));
  CHECK(memory.store->count("read") < 12);
}

TEST_CASE("a reader can jump", "[read]") {
  RecordedMemory memory;
  const std::string text = pattern(3 * kMiB);
  memory.memory->put("k", text, {});
  Reader reader = memory.files.open_read("k");
  std::string out(1000, '?');

  for (const std::size_t offset :
       {std::size_t{2 * kMiB}, std::size_t{0}, std::size_t{999}, 3 * kMiB - 10, 5 * kMiB}) {
    reader.seek(offset);
    const std::size_t count = reader.read(std::as_writable_bytes(std::span(out)));
    CHECK((out.substr(0, count) == (offset < text.size() ? text.substr(offset, 1000) : "")));
    CHECK((reader.pread(std::as_writable_bytes(std::span(out)), offset) == count));
  }
}

TEST_CASE("a reader stays with the version that it opened", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", "old", {});
  const Reader reader = memory.files.open_read("k");
  memory.memory->put("k", "new", {});
  std::string out(3, '?');

  CHECK(reader.size() == 3);
  CHECK(code_of([&] { reader.pread(std::as_writable_bytes(std::span(out)), 0); }) ==
        ErrorCode::precondition_failed);
}

TEST_CASE("a read that was asked to stop ends as cancelled", "[read]") {
  RecordedMemory memory;
  memory.memory->put("k", "x", {});
  std::stop_source stop;
  stop.request_stop();
  const ReadOptions stopped{.call = {.stop = stop.get_token()}};
  const ReadOptions late{.call = {.deadline = std::chrono::steady_clock::now()}};

  CHECK(code_of([&] { static_cast<void>(memory.files.read("k", stopped)); }) ==
        ErrorCode::cancelled);
  CHECK(code_of([&] { static_cast<void>(memory.files.read("k", late)); }) == ErrorCode::timeout);
}
