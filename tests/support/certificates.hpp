// Certificates for test servers, made on the spot with OpenSSL: good ones, and each kind of bad
// one.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace cairn::test {

struct TlsFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsFree>;

struct CertificateOptions {
  std::string names{"IP:127.0.0.1"};  ///< as in OpenSSL's subjectAltName
  long valid_from_seconds{-3600};     ///< from now
  long valid_to_seconds{86'400};
};

/// A certificate authority.
class Authority {
 public:
  Authority() : Authority("cairn test authority") {}
  explicit Authority(const std::string& name);
  /// Its certificate, for clients to trust.
  [[nodiscard]] std::string pem() const;
  /// A server's side of TLS, with a key and a certificate that this authority has signed.
  [[nodiscard]] TlsContext issue(const CertificateOptions& options = {}) const;

 private:
  std::unique_ptr<EVP_PKEY, TlsFree> key_;
  std::unique_ptr<X509, TlsFree> certificate_;
};

}  // namespace cairn::test
