#include "vfs/transfer/plan.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::vfs::transfer;

namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr PlanLimits kLimits{.coalesce_gap = 1 * kMiB, .piece = 8 * kMiB, .parallel = 8};

/// Memory that is never touched: a plan only counts.
std::span<std::byte> memory(std::uint64_t size) {
  static Buffer buffer(300 * kMiB);
  return buffer.span().first(size);
}

}  // namespace

TEST_CASE("small ranges that lie near are fetched together", "[plan]") {
  const std::vector<RangeRead> ranges{{0, memory(100)}, {1000, memory(100)}, {2000, memory(100)}};
  const auto fetches = plan_fetches(ranges, kLimits);

  REQUIRE(fetches.size() == 1);
  CHECK(fetches[0].offset == 0);
  CHECK(fetches[0].length == 2100);
  CHECK(fetches[0].pieces.size() == 3);
  CHECK_FALSE(fetches[0].direct());
}

TEST_CASE("small ranges that lie far apart are fetched apart", "[plan]") {
  const std::vector<RangeRead> ranges{{0, memory(100)}, {2 * kMiB, memory(100)}};
  const auto fetches = plan_fetches(ranges, kLimits);
  REQUIRE(fetches.size() == 2);
  CHECK(fetches[0].direct());
  CHECK(fetches[1].direct());
}

TEST_CASE("a large range is split and goes straight to its memory", "[plan]") {
  const std::vector<RangeRead> ranges{{7, memory(256 * kMiB)}};
  const auto fetches = plan_fetches(ranges, kLimits);

  CHECK(fetches.size() == 16);  // two rounds of eight
  std::uint64_t next = 7;
  for (const Fetch& fetch : fetches) {
    CHECK(fetch.direct());
    CHECK(fetch.offset == next);
    next += fetch.length;
  }
  CHECK(next == 7 + 256 * kMiB);
}

TEST_CASE("a range that one request may fetch is not split", "[plan]") {
  PlanLimits limits = kLimits;
  limits.whole = 16 * kMiB;
  const auto count = [&](std::uint64_t size) {
    const RangeRead range{0, memory(size)};
    return plan_fetches({&range, 1}, limits).size();
  };
  CHECK(count(16 * kMiB) == 1);
  CHECK(count(16 * kMiB + 1) == 3);
}

TEST_CASE("large ranges are not merged with their neighbours", "[plan]") {
  const std::vector<RangeRead> ranges{
      {0, memory(2 * kMiB)}, {2 * kMiB, memory(2 * kMiB)}, {4 * kMiB, memory(10)}};
  const auto fetches = plan_fetches(ranges, kLimits);
  CHECK(fetches.size() == 3);
  CHECK(std::all_of(fetches.begin(), fetches.end(),
                    [](const Fetch& fetch) { return fetch.direct(); }));
}

TEST_CASE("ranges may come in any order, overlap, repeat and be empty", "[plan]") {
  const std::vector<RangeRead> ranges{
      {50, memory(100)}, {5, memory(0)}, {0, memory(100)}, {0, memory(100)}};
  const auto fetches = plan_fetches(ranges, kLimits);
  REQUIRE(fetches.size() == 1);
  CHECK(fetches[0].offset == 0);
  CHECK(fetches[0].length == 150);
  CHECK(fetches[0].pieces.size() == 3);
}

TEST_CASE("a small range inside a large one is not merged with the large one's end", "[plan]") {
  const std::vector<RangeRead> ranges{{0, memory(17 * kMiB)}, {100, memory(10)}};
  for (const Fetch& fetch : plan_fetches(ranges, kLimits)) {
    for (const Piece& piece : fetch.pieces) {
      CHECK(piece.offset >= fetch.offset);
      CHECK(piece.offset + piece.into.size() <= fetch.offset + fetch.length);
    }
  }
}

TEST_CASE("merged ranges stay within one piece", "[plan]") {
  std::vector<RangeRead> ranges;
  for (std::uint64_t i = 0; i < 64; ++i) ranges.push_back({i * kMiB, memory(kMiB)});
  for (const Fetch& fetch : plan_fetches(ranges, kLimits)) CHECK(fetch.length <= 8 * kMiB);
}

TEST_CASE("nothing is fetched for nothing", "[plan]") {
  CHECK(plan_fetches({}, kLimits).empty());
  CHECK(plan_fetches(std::vector<RangeRead>{{5, {}}}, kLimits).empty());
}

TEST_CASE("parts of a file of unknown length double each 1,000 parts, up to the largest",
          "[plan]") {
  const PartGrowth growth{.first = 8 * kMiB, .step = 1000, .largest = 5ULL << 30};
  CHECK(part_size_at(0, growth) == 8 * kMiB);
  CHECK(part_size_at(999, growth) == 8 * kMiB);
  CHECK(part_size_at(1000, growth) == 16 * kMiB);
  CHECK(part_size_at(9999, growth) == 4096 * kMiB);
  CHECK(part_size_at(9999, {.first = 64 * kMiB, .step = 1000, .largest = 5ULL << 30}) == 5ULL
                                                                                             << 30);
  CHECK(part_size_at(9999, {.first = 8 * kMiB, .step = 0}) == 8 * kMiB);
}
