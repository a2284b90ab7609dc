// JSON web tokens as a server reads them (RFC 7515, RFC 7519), with OpenSSL and no code of the
// client.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace cairn::test::sim::gcs {

struct Jwt {
  nlohmann::json header{};
  nlohmann::json claims{};
  std::string signed_part{};
  std::string signature{};  ///< raw

  [[nodiscard]] std::string text(const char* claim) const;      ///< empty if absent or no string
  [[nodiscard]] std::int64_t seconds(const char* claim) const;  ///< 0 if absent or no number
};

/// Absent: it is no token of three parts with two JSON objects.
[[nodiscard]] std::optional<Jwt> read_jwt(std::string_view text);
/// RSASSA-PKCS1-v1_5 with SHA-256; `public_key` is a PEM.
[[nodiscard]] bool verify_rs256(std::string_view text, std::string_view signature,
                                const std::string& public_key);

/// Why Google refuses a token that a service account has signed; absent: it does not.
/// At most an hour long, under way, by the key of its issuer
/// (https://developers.google.com/identity/protocols/oauth2/service-account).
[[nodiscard]] std::optional<std::string> refuse_jwt(const Jwt& jwt, const std::string& public_key,
                                                    std::chrono::system_clock::time_point now);

}  // namespace cairn::test::sim::gcs
