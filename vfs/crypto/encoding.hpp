// Bytes as text: hexadecimal and base64.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace cairn::vfs::crypto {

/// Lower case.
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);
/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);
/// The four bytes of a checksum, big-endian, as S3 and GCS write them.
[[nodiscard]] std::string base64_big_endian(std::uint32_t value);

}  // namespace cairn::vfs::crypto
