// Signatures with a private RSA key over OpenSSL's EVP: the keys of service accounts (GCS) and of
// client certificates (Azure).
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/secret.hpp"

struct evp_pkey_st;

namespace cairn::vfs::crypto {

/// Says what a text is instead of a private RSA key; holds none of it.
class RsaKeyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Thread-safe: signing changes nothing in it.
class RsaKey {
 public:
  /// The first key of a PEM text, in PKCS#8 or PKCS#1, without a passphrase. Throws RsaKeyError.
  [[nodiscard]] static std::shared_ptr<const RsaKey> parse(const Secret& pem);

  /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2), the RS256 of RFC 7518.
  [[nodiscard]] std::vector<std::byte> sign_sha256(std::string_view message) const;

 private:
  explicit RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace cairn::vfs::crypto
