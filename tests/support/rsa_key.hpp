// A pair of RSA keys, made on the spot with OpenSSL, and what it takes to check signatures without
// a line of the client.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace cairn::test {

enum class KeyForm { pkcs8, pkcs1, encrypted, public_only };

class RsaKeyPair {
 public:
  RsaKeyPair();
  /// A public key from outside, in PEM. Its forms other than public_only can't be had.
  explicit RsaKeyPair(std::string_view public_pem);
  [[nodiscard]] std::string pem(KeyForm form = KeyForm::pkcs8) const;
  /// RSASSA-PKCS1-v1_5 with SHA-256, as verifies() checks it.
  [[nodiscard]] std::string sign(std::string_view message) const;
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

/// One for all tests of the process: a pair takes a while.
[[nodiscard]] const RsaKeyPair& rsa_key_pair();
/// A key on the curve P-256, in PEM.
[[nodiscard]] std::string elliptic_key_pem();

/// RFC 4648 section 5, without padding. Throws std::runtime_error if it is not that.
[[nodiscard]] std::string decode_base64_url(std::string_view text);

}  // namespace cairn::test
