#include "checkpoint/format/source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kTail = std::uint64_t{256} << 10U;

}  // namespace

Source::Source(std::uint64_t size, Fetch fetch)
    : size_(size), fetch_(std::move(fetch)), tail_offset_(size - std::min(size, kTail)) {}

void Source::load_tail() {
  if (!tail_.empty() || size_ == 0) return;
  vfs::Buffer tail(static_cast<std::size_t>(size_ - tail_offset_));
  const vfs::RangeRead range{.offset = tail_offset_, .into = tail.span()};
  fetch_({&range, 1});
  tail_ = std::move(tail);
}

void Source::read(std::span<const vfs::RangeRead> ranges) {
  load_tail();
  std::vector<vfs::RangeRead> elsewhere;
  for (const vfs::RangeRead& range : ranges) {
    if (range.into.empty()) continue;
    if (range.offset >= tail_offset_) {
      std::memcpy(range.into.data(), tail_.data() + (range.offset - tail_offset_),
                  range.into.size());
    } else {
      elsewhere.push_back(range);
    }
  }
  if (!elsewhere.empty()) fetch_(elsewhere);
}

std::string Source::read(std::uint64_t offset, std::size_t length) {
  std::string text(length, '\0');
  const vfs::RangeRead range{.offset = offset,
                             .into = std::as_writable_bytes(std::span<char>(text))};
  read({&range, 1});
  return text;
}

}  // namespace cairn::checkpoint::format
