// Which requests fetch a set of ranges. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vfs/file_system.hpp"

namespace cairn::vfs::transfer {

struct PlanLimits {
  std::uint64_t coalesce_gap{0};  ///< small ranges that lie nearer are fetched together
  std::uint64_t piece{0};         ///< ranges are not merged beyond it, and not split into less
  std::uint64_t whole{0};         ///< larger ranges are split; at least a piece
  std::uint64_t parallel{1};
};

/// Where a part of a fetched span goes.
struct Piece {
  std::uint64_t offset{0};  ///< in the file
  std::span<std::byte> into{};
  std::uint32_t* crc32{nullptr};  ///< of the range that it is of, or is a part of
};

/// One request: bytes [offset, offset + length). One piece that is as long as the request is filled
/// without a detour.
struct Fetch {
  std::uint64_t offset{0};
  std::uint64_t length{0};
  std::vector<Piece> pieces{};

  [[nodiscard]] bool direct() const {
    return pieces.size() == 1 && pieces.front().into.size() == length;
  }
};

/// Sorted by offset. Empty ranges are left out; ranges may overlap.
[[nodiscard]] std::vector<Fetch> plan_fetches(std::span<const RangeRead> ranges,
                                              const PlanLimits& limits);

/// How the parts of a file of unknown length grow: doubled each `step` parts.
struct PartGrowth {
  std::uint64_t first{8ULL << 20};
  std::uint32_t step{1000};  ///< 0: they stay equal
  std::uint64_t largest{5ULL << 30};
};
[[nodiscard]] std::uint64_t part_size_at(std::uint32_t index, const PartGrowth& growth);

}  // namespace cairn::vfs::transfer
