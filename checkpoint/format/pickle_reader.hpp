// The bytes of a pickle, front to back, never past the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "checkpoint/format/opcodes.hpp"

namespace cairn::checkpoint::format {

/// Each function throws Error(corrupt) if fewer bytes are left than it needs.
class PickleReader {
 public:
  explicit PickleReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const noexcept { return position_ == bytes_.size(); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - position_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

  Op op() { return static_cast<Op>(static_cast<unsigned char>(take(1)[0])); }
  std::uint64_t unsigned_integer(unsigned width);
  std::int32_t int32() {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(unsigned_integer(4)));
  }
  double real();
  std::string_view take(std::uint64_t count);
  /// Up to a newline, which is consumed.
  std::string_view line();
  /// `count` bytes of UTF-8.
  std::string_view text(std::uint64_t count);

 private:
  std::string_view bytes_;
  std::size_t position_{0};
};

}  // namespace cairn::checkpoint::format
