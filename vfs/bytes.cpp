#include "vfs/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <sys/mman.h>

namespace cairn::vfs {

namespace {

constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20U;
/// Smaller buffers may be filled in part only, and a huge page is cleared as a whole.
constexpr std::size_t kWorthHugePages = std::size_t{16} << 20U;

/// Fresh memory costs more than the bytes that come to lie in it: the kernel is entered once per
/// page. With huge pages that is 512 times as seldom. A wish, where the system lets programs
/// choose.
void prefer_huge_pages(std::byte* data, std::size_t size) {
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (begin + size) / kHugePage * kHugePage;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace

Buffer::Buffer(std::size_t size)
    : data_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {
  if (size >= kWorthHugePages) prefer_huge_pages(data_.get(), size);
}

void Buffer::shrink(std::size_t size) {
  if (size > size_) throw std::out_of_range("Buffer::shrink: larger than the buffer");
  size_ = size;
}

BodySource::~BodySource() = default;

Body::Body(std::shared_ptr<const BodySource> source, std::uint64_t size)
    : size_(size), source_(std::move(source)) {}

std::span<const Body::Segment> Body::segments() const {
  if (!in_memory()) throw std::logic_error("Body::segments: the bytes are a source's");
  return segments_;
}

void Body::append(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (!in_memory()) throw std::logic_error("Body::append: the bytes are a source's");
  if (bytes.empty()) return;
  segments_.push_back({bytes, std::move(owner)});
  size_ += bytes.size();
}

void Body::append_copy(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  auto copy = std::make_shared<Buffer>(bytes.size());
  std::memcpy(copy->data(), bytes.data(), bytes.size());
  const auto span = copy->span();
  append(span, std::move(copy));
}

void Body::append(const Body& body) {
  for (const Segment& segment : body.segments()) append(segment.bytes, segment.owner);
}

Body Body::load() const {
  if (in_memory()) return *this;
  Body loaded = source_->take(begin_, size_);
  if (loaded.size() != size_ || !loaded.in_memory())
    throw std::logic_error("BodySource::take: not the bytes that were asked for");
  return loaded;
}

Body Body::slice(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size_ || length > size_ - offset) {
    throw std::out_of_range("Body::slice: past the end of the body");
  }
  if (!in_memory()) {
    Body out(source_, length);
    out.begin_ = begin_ + offset;
    return out;
  }
  Body out;
  for (const Segment& segment : segments_) {
    if (length == 0) break;
    if (offset >= segment.bytes.size()) {
      offset -= segment.bytes.size();
      continue;
    }
    const auto count = std::min<std::uint64_t>(length, segment.bytes.size() - offset);
    out.append(segment.bytes.subspan(offset, count), segment.owner);
    length -= count;
    offset = 0;
  }
  return out;
}

std::size_t BodyReader::read(std::span<std::byte> out) {
  std::size_t done = 0;
  const auto segments = body_->segments();
  while (done < out.size() && segment_ < segments.size()) {
    const auto rest = segments[segment_].bytes.subspan(offset_);
    const std::size_t count = std::min(rest.size(), out.size() - done);
    std::memcpy(out.data() + done, rest.data(), count);
    done += count;
    offset_ += count;
    if (count == rest.size()) {
      ++segment_;
      offset_ = 0;
    }
  }
  return done;
}

void BodyReader::seek(std::uint64_t offset) {
  segment_ = 0;
  for (const Body::Segment& segment : body_->segments()) {
    if (offset < segment.bytes.size()) break;
    offset -= segment.bytes.size();
    ++segment_;
  }
  offset_ = segment_ < body_->segments().size() ? static_cast<std::size_t>(offset) : 0;
}

}  // namespace cairn::vfs
