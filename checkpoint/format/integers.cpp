#include "checkpoint/format/integers.hpp"

#include <cmath>

namespace cairn::checkpoint {
namespace {

bool sign_bit(char byte) {
  return (static_cast<unsigned char>(byte) & 0x80U) != 0;
}

// Two's complement of a magnitude: inverted, plus one.
void negate(std::string& bytes) {
  unsigned carry = 1;
  for (char& byte : bytes) {
    const unsigned sum = (static_cast<unsigned char>(byte) ^ 0xFFU) + carry;
    byte = static_cast<char>(sum & 0xFFU);
    carry = sum >> 8U;
  }
}

}  // namespace

std::string encode_integer(std::int64_t value) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU));
  }
  return std::string(minimal_integer(bytes));
}

std::string_view minimal_integer(std::string_view bytes) {
  while (!bytes.empty()) {
    const char last = bytes.back();
    const bool negative_before = bytes.size() > 1 && sign_bit(bytes[bytes.size() - 2]);
    const bool only_sign =
        (last == '\0' && !negative_before) || (last == '\xFF' && negative_before);
    if (!only_sign) break;
    bytes.remove_suffix(1);
  }
  return bytes;
}

std::optional<std::int64_t> decode_integer(std::string_view bytes) {
  const std::string_view minimal = minimal_integer(bytes);
  if (minimal.size() > 8) return std::nullopt;
  std::uint64_t value = !minimal.empty() && sign_bit(minimal.back()) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = minimal.size(); i > 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(minimal[i - 1]);
  }
  return static_cast<std::int64_t>(value);
}

std::string encode_whole(double value) {
  int exponent = 0;
  const double fraction =
      std::frexp(std::fabs(value), &exponent);  // |value| = fraction * 2^exponent
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53;
  std::string bytes(static_cast<std::size_t>(shift > 0 ? shift / 8 : 0), '\0');
  const std::uint64_t low = shift > 0 ? mantissa << static_cast<unsigned>(shift % 8)
                                      : mantissa >> static_cast<unsigned>(-shift);
  for (unsigned bit = 0; bit < 64; bit += 8)
    bytes.push_back(static_cast<char>((low >> bit) & 0xFFU));
  bytes.push_back('\0');
  if (std::signbit(value)) negate(bytes);
  return std::string(minimal_integer(bytes));
}

}  // namespace cairn::checkpoint
