// Memory that is moved: Buffer (owned, not zeroed) and Body (a rope of spans that can be read again, or what makes them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/export.hpp"

namespace cairn::vfs {

/// Owned bytes. Unlike std::vector, fresh memory is not zeroed: a download touches it once.
class CAIRN_API Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size);

  [[nodiscard]] std::byte* data() noexcept { return data_.get(); }
  [[nodiscard]] const std::byte* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::span<std::byte> span() noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_.get()), size_}; }
  /// Keeps the first `size` bytes. Needs size <= size().
  void shrink(std::size_t size);

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_{0};
};

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

class BodySource;

/// What is uploaded: a sized sequence of memory spans. A part of an upload is a slice, a retry reads it again, nothing is copied
/// first. Spans are borrowed unless an owner is given: the caller keeps that memory alive and unchanged until the call returns.
/// Or the bytes of a BodySource, which are asked for part by part, when they are sent.
class CAIRN_API Body {
 public:
  struct Segment {
    std::span<const std::byte> bytes{};
    std::shared_ptr<const void> owner{};  ///< may be empty: borrowed
  };

  Body() = default;
  Body(std::span<const std::byte> borrowed) { append(borrowed); }   // NOLINT(google-explicit-constructor)
  Body(const Buffer& borrowed) { append(borrowed.span()); }         // NOLINT(google-explicit-constructor)
  Body(std::string_view borrowed) { append(as_bytes(borrowed)); }   // NOLINT(google-explicit-constructor)
  Body(const std::string& borrowed) { append(as_bytes(borrowed)); } // NOLINT(google-explicit-constructor)
  Body(const char* borrowed) : Body(std::string_view(borrowed)) {}  // NOLINT(google-explicit-constructor)
  /// The first `size` bytes of the source.
  Body(std::shared_ptr<const BodySource> source, std::uint64_t size);

  /// These throw std::logic_error if the bytes are a source's.
  void append(std::span<const std::byte> bytes, std::shared_ptr<const void> owner = {});
  void append_copy(std::span<const std::byte> bytes);  ///< owned by the body
  void append(const Body& body);                       ///< shares its memory

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Whether there are segments, not a source.
  [[nodiscard]] bool in_memory() const noexcept { return source_ == nullptr; }
  /// Throws std::logic_error if the bytes are a source's: load() gives a body that has them.
  [[nodiscard]] std::span<const Segment> segments() const;
  /// The same bytes in memory: what a source gives for them, or the body itself. Throws what the source throws.
  [[nodiscard]] Body load() const;
  /// The bytes [offset, offset + length). Throws std::out_of_range past the end.
  [[nodiscard]] Body slice(std::uint64_t offset, std::uint64_t length) const;

 private:
  std::vector<Segment> segments_;  // empty if there is a source
  std::uint64_t size_{0};
  std::shared_ptr<const BodySource> source_{};
  std::uint64_t begin_{0};  // in the source
};

/// Bytes that need not be in memory before they are sent: copied from an accelerator then, or made from those before them.
class CAIRN_API BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource();
  /// The bytes [offset, offset + length), with segments; they are the same each time. What is in memory only for this call's sake is
  /// the result's. Must be thread-safe: parts are sent side by side.
  [[nodiscard]] virtual Body take(std::uint64_t offset, std::uint64_t length) const = 0;
};

/// Reads a Body in memory from front to back, from any offset. Not thread-safe; any number of readers may read one body.
class CAIRN_API BodyReader {
 public:
  explicit BodyReader(const Body& body) : body_(&body) {}
  /// Fills `out` from the current position; returns fewer bytes only at the end.
  std::size_t read(std::span<std::byte> out);
  void seek(std::uint64_t offset);

 private:
  const Body* body_;
  std::size_t segment_{0};
  std::size_t offset_{0};  // within the segment
};

}  // namespace cairn::vfs
