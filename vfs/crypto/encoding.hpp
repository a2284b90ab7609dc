// Bytes as text: hexadecimal and base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::vfs::crypto {

/// Lower case.
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);
/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);
/// RFC 4648 section 5, without padding, as RFC 7515 (JSON Web Signature) wants it.
[[nodiscard]] std::string base64_url(std::span<const std::byte> bytes);
/// The four bytes of a checksum, big-endian, as S3 and GCS write them.
[[nodiscard]] std::string base64_big_endian(std::uint32_t value);
/// The eight bytes of a CRC64, little-endian, as Azure writes them.
[[nodiscard]] std::string base64_little_endian(std::uint64_t value);

/// Absent if the text is not an even number of hexadecimal digits.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_hex(std::string_view text);
/// Absent if the text is not base64 with its padding.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_base64(std::string_view text);

}  // namespace cairn::vfs::crypto
