// Digests and HMAC over OpenSSL's EVP: the algorithms are fetched once, not per call.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "vfs/bytes.hpp"

namespace cairn::vfs::crypto {

using Md5Digest = std::array<std::byte, 16>;
using Sha1Digest = std::array<std::byte, 20>;
using Sha256Digest = std::array<std::byte, 32>;

/// Neither is safe against forgery: for S3's etags and key checks, for the names of AWS's cache
/// files, and for Azure's servers that know no better checksum.
[[nodiscard]] Md5Digest md5(std::span<const std::byte> data);
[[nodiscard]] Md5Digest md5(const Body& body);
[[nodiscard]] Sha1Digest sha1(std::span<const std::byte> data);

[[nodiscard]] Sha256Digest sha256(std::span<const std::byte> data);
[[nodiscard]] Sha256Digest sha256(const Body& body);
/// RFC 2104.
[[nodiscard]] Sha256Digest hmac_sha256(std::span<const std::byte> key, std::string_view message);

}  // namespace cairn::vfs::crypto
