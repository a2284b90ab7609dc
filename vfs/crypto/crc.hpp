// CRC32 (zip), CRC32C (S3, GCS) and CRC64NVME (S3, Azure) of memory, and the CRC of joined pieces
// from the CRCs of the pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vfs/bytes.hpp"

namespace cairn::vfs::crypto {

/// `crc` is the value over the bytes before these: crc32(b, crc32(a)) == crc32(ab).
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc = 0);
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t crc = 0);
[[nodiscard]] std::uint64_t crc64nvme(std::span<const std::byte> data, std::uint64_t crc = 0);
[[nodiscard]] std::uint32_t crc32(const Body& body);
[[nodiscard]] std::uint32_t crc32c(const Body& body);
[[nodiscard]] std::uint64_t crc64nvme(const Body& body);

inline constexpr std::uint32_t kCrc32Polynomial = 0xEDB88320;              // reflected
inline constexpr std::uint32_t kCrc32cPolynomial = 0x82F63B78;             // reflected
inline constexpr std::uint64_t kCrc64NvmePolynomial = 0x9A6C9329AC4BC9B5;  // reflected

/// The CRC of a sequence from those of its two pieces, for any reflected polynomial with equal
/// initial value and final xor. Takes O(log length) steps.
template <class Crc>
[[nodiscard]] Crc crc_combine(Crc polynomial, Crc first, Crc second, std::uint64_t second_length);
extern template std::uint32_t crc_combine(std::uint32_t, std::uint32_t, std::uint32_t,
                                          std::uint64_t);
extern template std::uint64_t crc_combine(std::uint64_t, std::uint64_t, std::uint64_t,
                                          std::uint64_t);

}  // namespace cairn::vfs::crypto
