#include "vfs/crypto/rsa.hpp"

#include <array>
#include <atomic>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <openssl/err.h>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rsa_key.hpp"
#include "vfs/crypto/encoding.hpp"

namespace {

using namespace cairn;
using test::KeyForm;
using test::rsa_key_pair;
using vfs::crypto::RsaKey;

std::string sign(const RsaKey& key, std::string_view message) {
  const auto bytes = key.sign_sha256(message);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What is wrong with a text that is no key.
std::string failure(const std::string& pem) {
  try {
    static_cast<void>(RsaKey::parse(pem));
  } catch (const vfs::crypto::RsaKeyError& error) {
    return error.what();
  }
  return "it was taken";
}

}  // namespace

TEST_CASE("a signature with a private key is good for its public key", "[crypto][rsa]") {
  const KeyForm form = GENERATE(KeyForm::pkcs8, KeyForm::pkcs1);
  const auto key = RsaKey::parse(rsa_key_pair().pem(form));

  const std::string signature = sign(*key, "a message");

  CHECK(rsa_key_pair().verifies("a message", signature));
  CHECK_FALSE(rsa_key_pair().verifies("another", signature));
}

TEST_CASE("many threads sign with one key", "[crypto][rsa]") {
  const auto key = RsaKey::parse(rsa_key_pair().pem());
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, message = std::to_string(i)] {
        for (int k = 0; k < 10; ++k) good += rsa_key_pair().verifies(message, sign(*key, message));
      });
    }
  }
  CHECK(good == 40);
}

TEST_CASE("what is no private RSA key is named, without a byte of it", "[crypto][rsa]") {
  ERR_clear_error();  // what other tests have left
  CHECK(failure(rsa_key_pair().pem(KeyForm::public_only)) == "a public key");
  CHECK(failure(rsa_key_pair().pem(KeyForm::encrypted)) == "a private key with a passphrase");
  CHECK(failure(test::elliptic_key_pem()) == "a private key that is not RSA");
  CHECK(failure("") == "no PEM text (-----BEGIN …)");
  CHECK(failure("AKIA0123") == "no PEM text (-----BEGIN …)");
  std::string cut = rsa_key_pair().pem();
  cut.erase(200, 64);
  CHECK(failure(cut) == "a private key that is damaged");
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("base64 for URLs is that of RFC 7515", "[crypto]") {
  // RFC 7515 appendix C
  constexpr std::array<unsigned char, 5> kBytes{3, 236, 255, 224, 193};
  CHECK(vfs::crypto::base64_url(std::as_bytes(std::span(kBytes))) == "A-z_4ME");
  CHECK(vfs::crypto::base64_url({}).empty());
}
