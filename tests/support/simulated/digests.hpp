// Digests and checksums of the simulated services. None of it is shared with the client that it
// judges: SHA-256, MD5 and HMAC come from OpenSSL, the CRCs from a table of 256 entries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::test::sim {

/// Raw digests.
[[nodiscard]] std::string md5(std::string_view bytes);
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);

[[nodiscard]] std::string hex(std::string_view raw);  ///< lower case
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);
[[nodiscard]] std::string base64(std::string_view raw);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);  ///< with its padding

/// "crc32", "crc32c" or "crc64nvme": the value's bytes, the most significant one first.
[[nodiscard]] std::string crc(std::string_view algorithm, std::string_view bytes);
/// The same in base64, as S3 and GCS write it.
[[nodiscard]] std::string checksum(std::string_view algorithm, std::string_view bytes);
[[nodiscard]] bool is_checksum_algorithm(std::string_view name);

}  // namespace cairn::test::sim
