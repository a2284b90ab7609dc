#include "tests/support/rsa_key.hpp"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace cairn::test {
namespace {

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL: a key could not be made or written");
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string private_pem(EVP_PKEY* key, KeyForm form) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  int written = 0;
  if (form == KeyForm::public_only) {
    written = PEM_write_bio_PUBKEY(memory.get(), key);
  } else if (form == KeyForm::pkcs1) {
    written = PEM_write_bio_PrivateKey_traditional(memory.get(), key, nullptr, nullptr, 0, nullptr,
                                                   nullptr);
  } else {
    std::string passphrase = "passphrase";
    const EVP_CIPHER* cipher = form == KeyForm::encrypted ? EVP_aes_256_cbc() : nullptr;
    written = PEM_write_bio_PKCS8PrivateKey(memory.get(), key, cipher, passphrase.data(),
                                            static_cast<int>(passphrase.size()), nullptr, nullptr);
  }
  check(written == 1);
  return text_of(memory.get());
}

}  // namespace

RsaKeyPair::RsaKeyPair() : key_(EVP_RSA_gen(2048), &EVP_PKEY_free) {
  check(key_ != nullptr);
}

RsaKeyPair::RsaKeyPair(std::string_view public_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(public_pem.data(), static_cast<int>(public_pem.size())), &BIO_free);
  key_.reset(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  check(key_ != nullptr);
}

std::string RsaKeyPair::pem(KeyForm form) const {
  return private_pem(key_.get(), form);
}

std::string RsaKeyPair::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  check(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  std::size_t size = 0;
  check(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1);
  std::string signature(size, '\0');
  check(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes, message.size()) == 1);
  signature.resize(size);
  return signature;
}

bool RsaKeyPair::verifies(std::string_view message, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  check(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

const RsaKeyPair& rsa_key_pair() {
  static const RsaKeyPair kPair;
  return kPair;
}

std::string elliptic_key_pem() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  check(key != nullptr);
  return private_pem(key.get(), KeyForm::pkcs8);
}

std::string decode_base64_url(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) throw std::runtime_error("no base64 for URLs");
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

}  // namespace cairn::test
