#include <array>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("a file reads back as it was written", "[conformance][read]") {
  const Place place;
  const std::string text("zero \0 byte, \xff and \r\n", 22);
  place.files.write("f", text);
  CHECK(place.files.read_text("f") == text);
}

TEST_CASE("an empty file reads as nothing", "[conformance][read]") {
  const Place place;
  place.files.write("empty", "");
  CHECK(place.files.read("empty").empty());
  CHECK(place.files.stat("empty")->size == 0);
  Reader reader = place.files.open_read("empty");
  std::string out(1, '?');
  CHECK(reader.read(bytes_of(out)) == 0);
  CHECK(reader.pread(bytes_of(out), 0) == 0);
}

TEST_CASE("a file of 20 MiB reads back as it was written", "[conformance][read]") {
  const Place place;
  const std::string text = pattern(20 * kMiB + 1);
  place.files.write("large", text);
  CHECK((place.files.read_text("large") == text));
}

TEST_CASE("a file at the edge of the first request reads whole", "[conformance][read]") {
  const Place place;
  for (const std::size_t size : {4 * kMiB - 1, 4 * kMiB, 4 * kMiB + 1}) {
    const std::string text = pattern(size);
    place.files.write("edge", text);
    CHECK((place.files.read_text("edge") == text));
  }
}

TEST_CASE("a range is read from the middle", "[conformance][read]") {
  const Place place;
  place.files.write("f", "0123456789");
  std::string out(4, '?');
  const RangeRead range{3, bytes_of(out)};

  const FileInfo info = place.files.read_ranges("f", std::span(&range, 1));

  CHECK(out == "3456");
  CHECK(info.size == 10);
  CHECK(info.etag == place.files.stat("f")->etag);
}

TEST_CASE("ranges tell the CRC-32 of their bytes, however they are fetched",
          "[conformance][read]") {
  const Place place;
  const std::string text = pattern(21 * kMiB);
  place.files.write("f", text);
  struct Case {
    std::size_t offset, size;
    std::uint32_t crc32;  // python: zlib.crc32(pattern[offset:offset + size])
  };
  constexpr std::array<Case, 5> kCases{{{0, 10, 0xED1AD54A},
                                        {100, 1000, 0x842B002D},  // with the one before it
                                        {200, 0, 0},
                                        {5 * kMiB + 3, 12 * kMiB, 0xF7264FAF},
                                        {0, 21 * kMiB, 0x4862B09}}};  // in several requests
  std::vector<std::string> out;
  for (const Case& one : kCases) out.emplace_back(one.size, '?');
  std::array<std::uint32_t, kCases.size()> sums{};
  sums.fill(1);
  std::vector<RangeRead> ranges;
  for (std::size_t i = 0; i < kCases.size(); ++i)
    ranges.push_back({kCases[i].offset, bytes_of(out[i]), &sums[i]});

  place.files.read_ranges("f", ranges);

  for (std::size_t i = 0; i < kCases.size(); ++i) {
    CHECK((out[i] == text.substr(kCases[i].offset, kCases[i].size)));
    CHECK(sums[i] == kCases[i].crc32);
  }
}

TEST_CASE("many ranges in any order, near, far, equal and overlapping", "[conformance][read]") {
  const Place place;
  const std::string text = pattern(12 * kMiB);
  place.files.write("f", text);
  std::vector<std::string> out;
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < 40; ++i) {
    offsets.push_back(i * 7'654'321 % (11 * kMiB));
    out.emplace_back(1 + i * 1000, '?');
  }
  offsets.back() = offsets.front();
  std::vector<RangeRead> ranges;
  for (std::size_t i = 0; i < out.size(); ++i) ranges.push_back({offsets[i], bytes_of(out[i])});

  place.files.read_ranges("f", ranges);

  for (std::size_t i = 0; i < out.size(); ++i)
    CHECK((out[i] == text.substr(offsets[i], out[i].size())));
}

TEST_CASE("a large range lands in the caller's memory", "[conformance][read]") {
  const Place place;
  const std::string text = pattern(20 * kMiB);
  place.files.write("f", text);
  std::string out(19 * kMiB, '?');
  const RangeRead range{kMiB / 2, bytes_of(out)};
  place.files.read_ranges("f", std::span(&range, 1));
  CHECK((out == text.substr(kMiB / 2, out.size())));
}

TEST_CASE("a range to the last byte is fine, one past it is not", "[conformance][read]") {
  const Place place;
  place.files.write("f", "0123456789");
  std::string out(5, '?');
  const auto read = [&](std::uint64_t offset) {
    const RangeRead range{offset, bytes_of(out)};
    place.files.read_ranges("f", std::span(&range, 1));
  };
  read(5);
  CHECK(out == "56789");
  CHECK(code_of([&] { read(6); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { read(10); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { read(1'000'000); }) == ErrorCode::invalid_argument);
}

TEST_CASE("empty ranges read nothing and still tell the size", "[conformance][read]") {
  const Place place;
  place.files.write("f", "0123456789");
  const RangeRead range{3, {}};
  CHECK(place.files.read_ranges("f", std::span(&range, 1)).size == 10);
  CHECK(place.files.read_ranges("f", {}).size == 10);
}

TEST_CASE("a store fills what there is and says how much", "[conformance][read]") {
  const Place place;
  place.files.write("f", "0123456789");
  std::string out(20, '?');
  CHECK(place.store().read(place.in_store("f"), 8, bytes_of(out), {}).bytes == 2);
  CHECK(out.substr(0, 2) == "89");
  CHECK(place.store().read(place.in_store("f"), 10, bytes_of(out), {}).bytes == 0);
  CHECK(place.store().read(place.in_store("f"), 50, bytes_of(out), {}).bytes == 0);
}

TEST_CASE("a reader reads front to back, by position and after a jump", "[conformance][read]") {
  const Place place;
  const std::string text = pattern(3 * kMiB + 11);
  place.files.write("f", text);
  Reader reader = place.files.open_read("f");
  CHECK(reader.size() == text.size());

  std::string all;
  std::string step(77'777, '?');
  while (const std::size_t count = reader.read(bytes_of(step))) all.append(step, 0, count);
  CHECK((all == text));

  CHECK(reader.pread(bytes_of(step), text.size() - 10) == 10);
  CHECK(step.substr(0, 10) == text.substr(text.size() - 10));
  reader.seek(5);
  CHECK(reader.read(bytes_of(step)) == step.size());
  CHECK((step == text.substr(5, step.size())));
}

TEST_CASE("a read under the etag of the file succeeds, under another it does not",
          "[conformance][read]") {
  const Place place;
  const std::string etag = place.files.write("f", "old").etag;
  CHECK(place.files.read_text("f", {.if_match = etag}) == "old");
  place.files.write("f", "newer");
  CHECK(code_of([&] { static_cast<void>(place.files.read("f", {.if_match = etag})); }) ==
        ErrorCode::precondition_failed);
  CHECK(code_of([&] { static_cast<void>(place.files.open_read("f", {.if_match = etag})); }) ==
        ErrorCode::precondition_failed);
}

TEST_CASE("a reader does not mix two versions", "[conformance][read]") {
  const Place place;
  place.files.write("f", std::string(100, 'a'));
  const Reader reader = place.files.open_read("f");
  // Within the same second: a server whose etags are of seconds is shown by the next case.
  const std::size_t size = server_has(Fault::etag_of_seconds) ? 101 : 100;
  place.files.write("f", std::string(size, 'b'));
  std::string out(100, '?');
  CHECK(code_of([&] { reader.pread(bytes_of(out), 0); }) == ErrorCode::precondition_failed);
}

TEST_CASE("two writes of one size have two etags", "[conformance][read]") {
  const Place place;
  const auto same = [&] {
    return place.files.write("f", "1").etag == place.files.write("f", "2").etag;
  };
  if (!server_has(Fault::etag_of_seconds)) {
    CHECK_FALSE(same());
    return;
  }
  bool ever_same = false;  // a second may end between the two
  for (int i = 0; i < 3; ++i) ever_same = ever_same || same();
  CHECK(ever_same);
}
