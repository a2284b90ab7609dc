#include "vfs/crypto/crc.hpp"

#include <algorithm>

#include <isa-l/crc.h>

namespace cairn::vfs::crypto {
namespace {

constexpr std::size_t kSlice = std::size_t{1} << 30U;  // ISA-L takes lengths as int

template <class Update>
std::uint32_t in_slices(std::span<const std::byte> data, std::uint32_t crc, Update update) {
  while (!data.empty()) {
    const std::size_t length = std::min(data.size(), kSlice);
    crc = update(crc, reinterpret_cast<const unsigned char*>(data.data()), length);
    data = data.subspan(length);
  }
  return crc;
}

// Polynomials over GF(2) in reflected form: the top bit is x^0.
template <class Crc>
constexpr Crc kOne = Crc{1} << (sizeof(Crc) * 8 - 1);

/// a(x) * b(x) mod p(x)
template <class Crc>
Crc multiply(Crc polynomial, Crc a, Crc b) {
  Crc product = 0;
  for (Crc bit = kOne<Crc>; bit != 0; bit >>= 1U) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1U) != 0 ? (b >> 1U) ^ polynomial : b >> 1U;
  }
  return product;
}

/// x^(8 * bytes) mod p(x), by squaring
template <class Crc>
Crc shift_by_bytes(Crc polynomial, std::uint64_t bytes) {
  Crc power = kOne<Crc> >> 8U;  // x^8
  Crc result = kOne<Crc>;
  for (; bytes != 0; bytes >>= 1U) {
    if ((bytes & 1U) != 0) result = multiply(polynomial, power, result);
    power = multiply(polynomial, power, power);
  }
  return result;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc) {
  return in_slices(data, crc, [](std::uint32_t seed, const unsigned char* bytes, std::size_t n) {
    return crc32_gzip_refl(seed, bytes, n);
  });
}

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t crc) {
  // crc32_iscsi leaves both inversions to its caller, and takes a non-const pointer.
  return ~in_slices(data, ~crc, [](std::uint32_t seed, const unsigned char* bytes, std::size_t n) {
    return crc32_iscsi(const_cast<unsigned char*>(bytes), static_cast<int>(n), seed);
  });
}

std::uint32_t crc32(const Body& body) {
  std::uint32_t crc = 0;
  for (const Body::Segment& segment : body.segments()) crc = crc32(segment.bytes, crc);
  return crc;
}

std::uint32_t crc32c(const Body& body) {
  std::uint32_t crc = 0;
  for (const Body::Segment& segment : body.segments()) crc = crc32c(segment.bytes, crc);
  return crc;
}

template <class Crc>
Crc crc_combine(Crc polynomial, Crc first, Crc second, std::uint64_t second_length) {
  return multiply(polynomial, shift_by_bytes(polynomial, second_length), first) ^ second;
}
template std::uint32_t crc_combine(std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t);
template std::uint64_t crc_combine(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);

}  // namespace cairn::vfs::crypto
