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

}  // namespace cairn::vfs::crypto
