// CRC64NVME: reflected polynomial 0x9A6C9329AC4BC9B5, initial value and final xor all ones
// (NVM Express, NVM Command Set Specification, "64b CRC"). ISA-L has other 64-bit polynomials only.
//
// With carry-less multiplication 64 bytes are folded at a time, or 256 in the wide registers of
// AVX-512, after V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction", Intel, 2009.
#include <array>
#include <bit>
#include <cstring>

#include "vfs/crypto/crc.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cairn::vfs::crypto {
namespace {

static_assert(std::endian::native == std::endian::little);

/// x^degree mod p(x), reflected: the top bit is x^0.
constexpr std::uint64_t power_of_x(unsigned degree) {
  std::uint64_t power = std::uint64_t{1} << 63U;
  for (; degree != 0; --degree) {
    power = (power & 1U) != 0 ? (power >> 1U) ^ kCrc64NvmePolynomial : power >> 1U;
  }
  return power;
}

using Table = std::array<std::array<std::uint64_t, 256>, 8>;

/// table[k][b]: what byte b adds to the remainder when k more bytes follow it.
constexpr Table make_table() {
  Table table{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1U) != 0 ? (crc >> 1U) ^ kCrc64NvmePolynomial : crc >> 1U;
    }
    table[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = table[k - 1][byte];
      table[k][byte] = (before >> 8U) ^ table[0][before & 0xFFU];
    }
  }
  return table;
}
constexpr Table kTable = make_table();

/// The remainder without the inversions.
std::uint64_t update_by_table(std::uint64_t crc, const std::byte* data, std::size_t size) {
  for (; size >= 8; data += 8, size -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof word);
    crc ^= word;
    std::uint64_t next = 0;
    for (unsigned k = 0; k < 8; ++k) next ^= kTable[7 - k][(crc >> (8 * k)) & 0xFFU];
    crc = next;
  }
  for (; size != 0; ++data, --size) {
    crc = (crc >> 8U) ^ kTable[0][(crc ^ std::to_integer<std::uint64_t>(*data)) & 0xFFU];
  }
  return crc;
}

#if defined(__x86_64__)

constexpr std::size_t kFold = 64;
constexpr std::size_t kWideFold = 256;

// A product of two reflected words comes out one bit too low, hence the - 1.
constexpr std::uint64_t kBy2048Low = power_of_x(2048 + 64 - 1);
constexpr std::uint64_t kBy2048High = power_of_x(2048 - 1);
constexpr std::uint64_t kBy512Low = power_of_x(512 + 64 - 1);
constexpr std::uint64_t kBy512High = power_of_x(512 - 1);
constexpr std::uint64_t kBy128Low = power_of_x(128 + 64 - 1);
constexpr std::uint64_t kBy128High = power_of_x(128 - 1);

__attribute__((target("pclmul,sse4.1"))) inline __m128i fold(__m128i sum, __m128i keys,
                                                             __m128i data) {
  const __m128i low = _mm_clmulepi64_si128(sum, keys, 0x00);
  const __m128i high = _mm_clmulepi64_si128(sum, keys, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), data);
}

__attribute__((target("pclmul,sse4.1"))) std::uint64_t update_by_folding(std::uint64_t crc,
                                                                         const std::byte* data,
                                                                         std::size_t size) {
  const auto load = [](const std::byte* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  const __m128i by512 =
      _mm_set_epi64x(static_cast<long long>(kBy512High), static_cast<long long>(kBy512Low));
  const __m128i by128 =
      _mm_set_epi64x(static_cast<long long>(kBy128High), static_cast<long long>(kBy128Low));
  __m128i a = _mm_xor_si128(load(data), _mm_cvtsi64_si128(static_cast<long long>(crc)));
  __m128i b = load(data + 16);
  __m128i c = load(data + 32);
  __m128i d = load(data + 48);
  for (data += kFold, size -= kFold; size >= kFold; data += kFold, size -= kFold) {
    a = fold(a, by512, load(data));
    b = fold(b, by512, load(data + 16));
    c = fold(c, by512, load(data + 32));
    d = fold(d, by512, load(data + 48));
  }
  b = fold(a, by128, b);
  c = fold(b, by128, c);
  d = fold(c, by128, d);
  std::array<std::byte, 16> rest{};
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest.data()), d);
  return update_by_table(update_by_table(0, rest.data(), rest.size()), data, size);
}

__attribute__((target("avx512f,vpclmulqdq"))) inline __m512i wide_fold(__m512i sum, __m512i keys,
                                                                       __m512i data) {
  const __m512i low = _mm512_clmulepi64_epi128(sum, keys, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(sum, keys, 0x11);
  return _mm512_xor_si512(_mm512_xor_si512(low, high), data);
}

__attribute__((target("avx512f,vpclmulqdq"))) inline __m512i wide_keys(std::uint64_t high,
                                                                       std::uint64_t low) {
  const auto h = static_cast<long long>(high);
  const auto l = static_cast<long long>(low);
  return _mm512_set_epi64(h, l, h, l, h, l, h, l);
}

__attribute__((target("avx512f,vpclmulqdq"))) std::uint64_t update_by_wide_folding(
    std::uint64_t crc, const std::byte* data, std::size_t size) {
  const __m512i by2048 = wide_keys(kBy2048High, kBy2048Low);
  const __m512i by512 = wide_keys(kBy512High, kBy512Low);
  const __m512i before = _mm512_set_epi64(0, 0, 0, 0, 0, 0, 0, static_cast<long long>(crc));
  __m512i a = _mm512_xor_si512(_mm512_loadu_si512(data), before);
  __m512i b = _mm512_loadu_si512(data + 64);
  __m512i c = _mm512_loadu_si512(data + 128);
  __m512i d = _mm512_loadu_si512(data + 192);
  for (data += kWideFold, size -= kWideFold; size >= kWideFold;
       data += kWideFold, size -= kWideFold) {
    a = wide_fold(a, by2048, _mm512_loadu_si512(data));
    b = wide_fold(b, by2048, _mm512_loadu_si512(data + 64));
    c = wide_fold(c, by2048, _mm512_loadu_si512(data + 128));
    d = wide_fold(d, by2048, _mm512_loadu_si512(data + 192));
  }
  b = wide_fold(a, by512, b);
  c = wide_fold(b, by512, c);
  d = wide_fold(c, by512, d);
  std::array<std::byte, kFold> rest{};
  _mm512_storeu_si512(rest.data(), d);
  crc = update_by_folding(0, rest.data(), rest.size());
  return size >= kFold ? update_by_folding(crc, data, size) : update_by_table(crc, data, size);
}

#endif

}  // namespace

std::uint64_t crc64nvme(std::span<const std::byte> data, std::uint64_t crc) {
#if defined(__x86_64__)
  static const bool can_fold = __builtin_cpu_supports("pclmul") != 0;
  static const bool can_fold_wide = can_fold && __builtin_cpu_supports("avx512f") != 0 &&
                                    __builtin_cpu_supports("vpclmulqdq") != 0;
  if (can_fold_wide && data.size() >= kWideFold) {
    return ~update_by_wide_folding(~crc, data.data(), data.size());
  }
  if (can_fold && data.size() >= kFold) {
    return ~update_by_folding(~crc, data.data(), data.size());
  }
#endif
  return ~update_by_table(~crc, data.data(), data.size());
}

std::uint64_t crc64nvme(const Body& body) {
  std::uint64_t crc = 0;
  for (const Body::Segment& segment : body.segments()) crc = crc64nvme(segment.bytes, crc);
  return crc;
}

}  // namespace cairn::vfs::crypto
