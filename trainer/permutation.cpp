#include "trainer/permutation.hpp"

#include <bit>

namespace cairn {
namespace {

// SplitMix64's output function (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", 2014).
std::uint64_t scramble(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15ULL;
constexpr unsigned rounds = 6;

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return scramble(scramble(scramble(a + golden_ratio) + b + golden_ratio) + c + golden_ratio);
}

Permutation::Permutation(std::uint64_t size, std::uint64_t key)
    : size_(size),
      key_(key),
      half_bits_((static_cast<unsigned>(std::bit_width(size > 1 ? size - 1 : 1U)) + 1) / 2) {}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  const std::uint64_t mask = (1ULL << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::uint64_t mixed = left ^ (mix(key_, right, round) & mask);
    left = right;
    right = mixed;
  }
  return (left << half_bits_) | right;
}

std::uint64_t Permutation::operator()(std::uint64_t position) const {
  // The cycle that `position` lies on comes back to it, so it meets the range again.
  do {
    position = encrypt(position);
  } while (position >= size_);
  return position;
}

}  // namespace cairn
