#include "checkpoint/format/source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/file.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kTail = std::uint64_t{256} << 10U;
constexpr std::size_t kHead = std::size_t{128} << 10U;

}  // namespace

Source::Source(std::uint64_t size, Fetch fetch, vfs::Buffer head)
    : size_(size),
      fetch_(std::move(fetch)),
      tail_offset_(std::max<std::uint64_t>(head.size(), size - std::min(size, kTail))),
      head_(std::move(head)) {}

Source Source::open(const vfs::FileSystem& files, const vfs::Path& path,
                    const vfs::ReadOptions& options) {
  FileHead head = read_head(files, path, options, kHead);
  Source source(
      head.size,
      [files, path, pinned = head.read](std::span<const vfs::RangeRead> ranges) {
        files.read_ranges(path, ranges, pinned);
      },
      std::move(head.bytes));
  if (files.capabilities().maps)
    source.map_ = [files, path, pinned = head.read] { return files.map(path, pinned); };
  return source;
}

std::optional<vfs::MappedFile> Source::map() const {
  if (!map_) return std::nullopt;
  return map_();
}

void Source::load_tail() {
  if (!tail_.empty() || size_ <= tail_offset_) return;
  vfs::Buffer tail(static_cast<std::size_t>(size_ - tail_offset_));
  const vfs::RangeRead range{.offset = tail_offset_, .into = tail.span()};
  fetch_({&range, 1});
  tail_ = std::move(tail);
}

bool Source::read_kept(const vfs::RangeRead& range) const {
  const std::uint64_t end = range.offset + range.into.size();
  const bool in_tail = range.offset >= tail_offset_;
  if (!in_tail && end > head_.size()) return false;
  const std::byte* from =
      in_tail ? tail_.data() + (range.offset - tail_offset_) : head_.data() + range.offset;
  std::memcpy(range.into.data(), from, range.into.size());
  return true;
}

void Source::read(std::span<const vfs::RangeRead> ranges) {
  load_tail();
  std::vector<vfs::RangeRead> elsewhere;
  for (const vfs::RangeRead& range : ranges) {
    if (range.into.empty()) continue;
    if (!read_kept(range)) {
      elsewhere.push_back(range);
    } else if (range.crc32 != nullptr) {
      *range.crc32 = crc32(range.into);
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
