// A shuffle that needs no memory: position -> index, a bijection chosen by a key.
#pragma once

#include <cstdint>

#include "vfs/export.hpp"

namespace cairn {

/// SplitMix64's finalizer over a combination of the words: a well-mixed 64-bit value of its
/// arguments, the same on every machine.
[[nodiscard]] CAIRN_API std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0);

/// A permutation of [0, size) as a balanced Feistel network over the next power of four, walked
/// until it falls into the range (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002):
/// O(1) memory, at most 4 walks on average.
class CAIRN_API Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t key);
  /// Needs position < size.
  [[nodiscard]] std::uint64_t operator()(std::uint64_t position) const;

 private:
  [[nodiscard]] std::uint64_t encrypt(std::uint64_t value) const;
  std::uint64_t size_;
  std::uint64_t key_;
  unsigned half_bits_;
};

}  // namespace cairn
