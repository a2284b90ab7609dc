#include "tests/support/certificates.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace cairn::test {
namespace {

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL: no certificate could be made");
}

std::unique_ptr<EVP_PKEY, TlsFree> make_key() {
  std::unique_ptr<EVP_PKEY, TlsFree> key(EVP_EC_gen("P-256"));
  check(key != nullptr);
  return key;
}

/// Not signed yet.
std::unique_ptr<X509, TlsFree> make_certificate(EVP_PKEY* key, const std::string& name,
                                                const CertificateOptions& options) {
  static long serial = 0;
  std::unique_ptr<X509, TlsFree> certificate(X509_new());
  check(certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_to_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void extend(X509* certificate, int id, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  check(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Authority(const std::string& name) : key_(make_key()) {
  certificate_ = make_certificate(key_.get(), name, {});
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  check(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) != 0);
}

std::string Authority::pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  check(memory != nullptr && PEM_write_bio_X509(memory, certificate_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

TlsContext Authority::issue(const CertificateOptions& options) const {
  const auto key = make_key();
  const auto certificate = make_certificate(key.get(), "cairn test server", options);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), NID_subject_alt_name, options.names);
  check(X509_sign(certificate.get(), key_.get(), EVP_sha256()) != 0);
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  check(context != nullptr && SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
        SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

}  // namespace cairn::test
