#include "tests/bench/sink/channel.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "tests/support/loopback.hpp"

namespace cairn::bench {
namespace {

constexpr std::size_t kScrap = 1U << 20U;

class Plain final : public Channel {
 public:
  explicit Plain(int socket) : socket_(socket), scrap_(kScrap) {}
  bool receive(std::string& buffer) override { return test::receive_more(socket_, buffer); }
  bool send(std::string_view bytes) override { return test::send_all(socket_, bytes); }
  bool drop(std::uint64_t bytes) override {
    while (bytes != 0) {
      const ssize_t count =
          recv(socket_, scrap_.data(), std::min<std::uint64_t>(bytes, scrap_.size()), 0);
      if (count <= 0) return false;
      bytes -= static_cast<std::uint64_t>(count);
    }
    return true;
  }

 private:
  int socket_;
  std::vector<char> scrap_;
};

class Encrypted final : public Channel {
 public:
  explicit Encrypted(SSL* ssl) : ssl_(ssl), scrap_(kScrap) {}
  ~Encrypted() override { SSL_free(ssl_); }
  bool receive(std::string& buffer) override {
    const int count = SSL_read(ssl_, scrap_.data(), static_cast<int>(scrap_.size()));
    if (count <= 0) return false;
    buffer.append(scrap_.data(), static_cast<std::size_t>(count));
    return true;
  }
  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const int count = SSL_write(ssl_, bytes.data(),
                                  static_cast<int>(std::min<std::size_t>(bytes.size(), kScrap)));
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool drop(std::uint64_t bytes) override {
    while (bytes != 0) {
      const int count = SSL_read(ssl_, scrap_.data(),
                                 static_cast<int>(std::min<std::uint64_t>(bytes, scrap_.size())));
      if (count <= 0) return false;
      bytes -= static_cast<std::uint64_t>(count);
    }
    return true;
  }

 private:
  SSL* ssl_;
  std::vector<char> scrap_;
};

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL: no certificate could be made");
}

}  // namespace

Tls make_tls(const std::string& path) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  check(key != nullptr && certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("bench"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  for (const auto& [id, value] : std::array<std::pair<int, const char*>, 2>{
           {{NID_subject_alt_name, "IP:127.0.0.1"}, {NID_basic_constraints, "CA:TRUE"}}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    check(extension != nullptr);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
  std::FILE* file = std::fopen(path.c_str(), "w");
  check(file != nullptr && PEM_write_X509(file, certificate.get()) == 1);
  std::fclose(file);
  Tls tls(SSL_CTX_new(TLS_server_method()));
  check(tls != nullptr && SSL_CTX_use_certificate(tls.get(), certificate.get()) == 1 &&
        SSL_CTX_use_PrivateKey(tls.get(), key.get()) == 1);
  return tls;
}

std::unique_ptr<Channel> make_channel(int socket, SSL_CTX* tls) {
  if (tls == nullptr) return std::make_unique<Plain>(socket);
  SSL* ssl = SSL_new(tls);
  if (ssl == nullptr) return nullptr;
  SSL_set_fd(ssl, socket);
  if (SSL_accept(ssl) == 1) return std::make_unique<Encrypted>(ssl);
  SSL_free(ssl);
  return nullptr;
}

}  // namespace cairn::bench
