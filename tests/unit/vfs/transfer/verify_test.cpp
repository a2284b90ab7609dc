#include <atomic>

#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/recorded_memory.hpp"
#include "vfs/crypto/checksum.hpp"

using namespace cairn::vfs;
using cairn::test::code_of;
using cairn::test::pattern;
using cairn::test::RecordedMemory;

namespace {

constexpr std::size_t kMiB = 1U << 20U;

/// A file of 37 MiB in a store that keeps its checksum. The first `damages` reads of the byte at
/// `damage_at` get it wrong by one bit.
struct Fixture {
  explicit Fixture(ChecksumType type) {
    memory.memory->put("k", text, {});
    memory.store->limits.checksums = true;
    memory.store->checksum = Checksum{type, crypto::checksum(type, as_bytes(text))};
    memory.store->after_read = [this](std::uint64_t offset, std::span<std::byte> bytes) {
      if (damage_at < offset || damage_at - offset >= bytes.size() || damages == 0) return;
      --damages;
      bytes[damage_at - offset] ^= std::byte{1};
    };
  }
  FileInfo read_all() {
    const RangeRead all{0, std::as_writable_bytes(std::span(out))};
    return memory.files.read_ranges("k", {&all, 1});
  }

  std::string text = pattern(37 * kMiB + 5);
  std::string out = std::string(text.size(), '?');
  std::uint64_t damage_at{8 * kMiB};
  std::atomic<int> damages{0};
  RecordedMemory memory;
};

}  // namespace

TEST_CASE("a file that is read in ranges is read again if a bit was flipped on the way",
          "[read][verify]") {
  Fixture f(GENERATE(ChecksumType::crc32, ChecksumType::crc32c, ChecksumType::crc64nvme));
  f.damages = 1;

  const FileInfo info = f.read_all();

  CHECK(info.checksum == f.memory.store->checksum);
  CHECK(f.out == f.text);
  CHECK(f.memory.store->count("stat") == 2);  // one for the checksum of each round
}

TEST_CASE("a file whose bytes never have its checksum is corrupt", "[read][verify]") {
  Fixture f(GENERATE(ChecksumType::crc32, ChecksumType::crc32c, ChecksumType::crc64nvme));
  f.damages = 100;

  CHECK(code_of([&] { f.read_all(); }) == ErrorCode::corrupt);
  CHECK(code_of([&] { static_cast<void>(f.memory.files.read("k")); }) == ErrorCode::corrupt);
}

TEST_CASE("a whole file of unknown size is verified, too", "[read][verify]") {
  Fixture f(GENERATE(ChecksumType::crc32c, ChecksumType::crc64nvme));
  f.damage_at = GENERATE(0U, 4 * kMiB);
  f.damages = 1;

  CHECK(f.memory.files.read_text("k") == f.text);
  CHECK(f.damages == 0);
}

TEST_CASE("a part of a file costs no question for a checksum", "[read][verify]") {
  Fixture f(ChecksumType::crc32c);
  const RangeRead most{0, std::as_writable_bytes(std::span(f.out)).first(30 * kMiB)};

  f.memory.files.read_ranges("k", {&most, 1});

  CHECK(f.memory.store->count("stat") == 0);
}

TEST_CASE("a file that is read as a stream is verified at its end", "[read][verify]") {
  Fixture f(ChecksumType::crc32c);
  Reader reader = f.memory.files.open_read("k");
  const auto drain = [&] {
    std::size_t total = 0;
    std::string piece(kMiB, '?');
    while (const std::size_t n = reader.read(std::as_writable_bytes(std::span(piece)))) total += n;
    return total;
  };
  SECTION("unharmed") {
    CHECK(drain() == f.text.size());
  }
  SECTION("damaged") {
    f.damages = 1;
    CHECK(code_of([&] { drain(); }) == ErrorCode::corrupt);
  }
}
