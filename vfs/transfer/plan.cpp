#include "vfs/transfer/plan.hpp"

#include <algorithm>

namespace cairn::vfs::transfer {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kMaxPiece = 64 * kMiB;

/// A detour through other memory costs a copy: only ranges that are cheaper to copy than to ask for
/// take it.
constexpr std::uint64_t kSmall = 1 * kMiB;

/// Two rounds of requests on each connection: few enough to hide the latency, enough to even out
/// slow ones.
std::uint64_t split_size(std::uint64_t length, const PlanLimits& limits) {
  const std::uint64_t rounds = std::max<std::uint64_t>(2 * limits.parallel, 1);
  const std::uint64_t even = (length + rounds - 1) / rounds;
  const std::uint64_t rounded = (even + kMiB - 1) / kMiB * kMiB;
  return std::clamp(rounded, limits.piece, std::max(limits.piece, kMaxPiece));
}

void split(const RangeRead& range, const PlanLimits& limits, std::vector<Fetch>& out) {
  const std::uint64_t size = split_size(range.into.size(), limits);
  for (std::uint64_t done = 0; done < range.into.size(); done += size) {
    const auto into =
        range.into.subspan(done, std::min<std::uint64_t>(size, range.into.size() - done));
    out.push_back({range.offset + done, into.size(), {{range.offset + done, into, range.crc32}}});
  }
}

/// Extends the last fetch by the range, if it is near and both are small.
bool merge(const RangeRead& range, const PlanLimits& limits, Fetch& last) {
  if (range.offset < last.offset) return false;  // inside the range that `last` is the end of
  const std::uint64_t end = last.offset + last.length;
  const std::uint64_t range_end = range.offset + range.into.size();
  if (last.direct() && last.length > kSmall) return false;
  if (range.offset > end && range.offset - end > limits.coalesce_gap) return false;
  if (std::max(end, range_end) - last.offset > limits.piece) return false;
  last.length = std::max(end, range_end) - last.offset;
  last.pieces.push_back({range.offset, range.into, range.crc32});
  return true;
}

}  // namespace

std::vector<Fetch> plan_fetches(std::span<const RangeRead> ranges, const PlanLimits& limits) {
  std::vector<RangeRead> sorted;
  for (const RangeRead& range : ranges) {
    if (!range.into.empty()) sorted.push_back(range);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const RangeRead& left, const RangeRead& right) {
    return left.offset < right.offset;
  });

  std::vector<Fetch> fetches;
  for (const RangeRead& range : sorted) {
    if (range.into.size() > std::max(limits.piece, limits.whole)) {
      split(range, limits, fetches);
      continue;
    }
    const bool small = range.into.size() <= kSmall;
    if (small && !fetches.empty() && merge(range, limits, fetches.back())) continue;
    fetches.push_back({range.offset, range.into.size(), {{range.offset, range.into, range.crc32}}});
  }
  return fetches;
}

std::uint64_t part_size_at(std::uint32_t index, const PartGrowth& growth) {
  std::uint64_t size = growth.first;
  const std::uint32_t doublings = growth.step == 0 ? 0 : index / growth.step;
  for (std::uint32_t i = 0; i < doublings && size < growth.largest; ++i) size *= 2;
  return std::min(size, std::max(growth.first, growth.largest));
}

}  // namespace cairn::vfs::transfer
