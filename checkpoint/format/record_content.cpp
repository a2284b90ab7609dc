#include "checkpoint/format/record_content.hpp"

#include <algorithm>
#include <utility>

#include "checkpoint/format/crc32.hpp"

namespace cairn::checkpoint::format {
namespace {

// A chunk's state; any other is its checksum, with a bit above.
constexpr std::uint64_t kUnknown = 0;
constexpr std::uint64_t kUnderWay = 1;
constexpr std::uint64_t kKnown = std::uint64_t{1} << 32U;

std::size_t chunks_of(std::uint64_t size) {
  return static_cast<std::size_t>((size + kSumChunk - 1) / kSumChunk);
}

}  // namespace

RecordContent::RecordContent(vfs::Body body)
    : body_(std::move(body)),
      sums_(std::make_unique<std::atomic<std::uint64_t>[]>(chunks_of(body_.size()))) {}

std::size_t RecordContent::chunk_count() const noexcept {
  return chunks_of(size());
}

std::uint64_t RecordContent::end_of(std::size_t chunk) const noexcept {
  return std::min(size(), (chunk + 1) * kSumChunk);
}

bool RecordContent::claim(std::size_t chunk) const {
  std::uint64_t expected = kUnknown;
  return sums_[chunk].compare_exchange_strong(expected, kUnderWay);
}

void RecordContent::sum(std::size_t chunk, const vfs::Body& bytes) const {
  sums_[chunk] = kKnown | crc32(bytes);
  sums_[chunk].notify_all();
}

void RecordContent::give_up(std::size_t chunk) const {
  sums_[chunk] = kUnknown;
  sums_[chunk].notify_all();
}

// Chunks are claimed before they are fetched: who needs their sums meanwhile waits, and does not
// fetch them, too.
vfs::Body RecordContent::give(std::uint64_t begin, std::uint64_t end) const {
  const std::size_t last = chunks_of(end);
  std::vector<std::size_t> ours;
  for (std::size_t chunk = chunks_of(begin); chunk < last; ++chunk) {
    if (claim(chunk)) ours.push_back(chunk);
  }
  try {
    // Up to the end of the chunk that the next part takes up in its midst.
    const std::uint64_t until = ours.empty() ? end : std::max(end, end_of(ours.back()));
    const vfs::Body bytes = body_.slice(begin, until - begin).load();
    for (; !ours.empty(); ours.pop_back()) {
      const std::uint64_t at = ours.back() * kSumChunk;
      sum(ours.back(), bytes.slice(at - begin, end_of(ours.back()) - at));
    }
    return bytes.slice(0, end - begin);
  } catch (...) {
    for (const std::size_t chunk : ours) give_up(chunk);
    throw;
  }
}

std::uint32_t RecordContent::sum_of(std::size_t chunk) const {
  for (;;) {
    const std::uint64_t state = sums_[chunk];
    if (state >= kKnown) return static_cast<std::uint32_t>(state);
    if (!claim(chunk)) {
      sums_[chunk].wait(kUnderWay);
      continue;
    }
    try {
      const std::uint64_t at = chunk * kSumChunk;
      sum(chunk, body_.slice(at, end_of(chunk) - at).load());
    } catch (...) {
      give_up(chunk);
      throw;
    }
  }
}

std::vector<std::uint32_t> RecordContent::chunks() const {
  std::vector<std::uint32_t> sums(chunk_count());
  for (std::size_t chunk = 0; chunk < sums.size(); ++chunk) sums[chunk] = sum_of(chunk);
  return sums;
}

}  // namespace cairn::checkpoint::format
