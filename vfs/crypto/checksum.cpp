#include "vfs/crypto/checksum.hpp"

#include "vfs/crypto/crc.hpp"

namespace cairn::vfs::crypto {

std::uint64_t checksum(ChecksumType type, std::span<const std::byte> data, std::uint64_t before) {
  switch (type) {
    case ChecksumType::crc32:
      return crc32(data, static_cast<std::uint32_t>(before));
    case ChecksumType::crc32c:
      return crc32c(data, static_cast<std::uint32_t>(before));
    case ChecksumType::crc64nvme:
      return crc64nvme(data, before);
  }
  return 0;
}

std::uint64_t checksum_combine(ChecksumType type, std::uint64_t first, std::uint64_t second,
                               std::uint64_t second_length) {
  const auto combine32 = [&](std::uint32_t polynomial) -> std::uint64_t {
    return crc_combine(polynomial, static_cast<std::uint32_t>(first),
                       static_cast<std::uint32_t>(second), second_length);
  };
  switch (type) {
    case ChecksumType::crc32:
      return combine32(kCrc32Polynomial);
    case ChecksumType::crc32c:
      return combine32(kCrc32cPolynomial);
    case ChecksumType::crc64nvme:
      return crc_combine(kCrc64NvmePolynomial, first, second, second_length);
  }
  return 0;
}

}  // namespace cairn::vfs::crypto
