#include "vfs/crypto/rsa.hpp"

#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/digest.hpp"

namespace cairn::vfs::crypto {
namespace {

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

/// What OpenSSL says about a failure stays out of the thread's queue, which others read.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

/// Without this OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// Fetched once, as the digests are.
const EVP_MD* digest_algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

std::string what_it_is(std::string_view pem) {
  const auto holds = [pem](std::string_view part) { return pem.find(part) != pem.npos; };
  if (!holds("-----BEGIN ")) return "no PEM text (-----BEGIN …)";
  if (holds("ENCRYPTED")) return "a private key with a passphrase";
  if (holds("PRIVATE KEY-----")) return "a private key that is damaged";
  if (holds("BEGIN PUBLIC KEY-----") || holds("BEGIN RSA PUBLIC KEY-----")) return "a public key";
  if (holds("BEGIN CERTIFICATE-----")) return "a certificate";
  return "no private key";
}

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL: an RSA signature failed");
}

}  // namespace

std::shared_ptr<const RsaKey> RsaKey::parse(const Secret& pem) {
  const QuietErrors quiet;
  const std::string& text = pem.reveal();
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  if (memory == nullptr) throw std::bad_alloc();
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(memory.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free);
  if (key == nullptr) throw RsaKeyError(what_it_is(text));
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    throw RsaKeyError("a private key that is not RSA");
  }
  return std::shared_ptr<const RsaKey>(new RsaKey(std::move(key)));
}

std::vector<std::byte> RsaKey::sign_sha256(std::string_view message) const {
  const QuietErrors quiet;
  const Sha256Digest digest = sha256(as_bytes(message));
  const auto* const input = reinterpret_cast<const unsigned char*>(digest.data());
  const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr), &EVP_PKEY_CTX_free);
  std::size_t size = 0;
  check(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(context.get(), digest_algorithm()) == 1 &&
        EVP_PKEY_sign(context.get(), nullptr, &size, input, digest.size()) == 1);
  std::vector<std::byte> signature(size);
  auto* const output = reinterpret_cast<unsigned char*>(signature.data());
  check(EVP_PKEY_sign(context.get(), output, &size, input, digest.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace cairn::vfs::crypto
