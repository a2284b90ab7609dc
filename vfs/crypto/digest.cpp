#include "vfs/crypto/digest.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>

namespace cairn::vfs::crypto {
namespace {

const EVP_MD* fetch(const char* name) {
  const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  if (algorithm == nullptr) throw std::runtime_error(std::string("OpenSSL has no ") + name);
  return algorithm;
}

// EVP_MD_fetch is slow and takes a lock (OpenSSL 3.0), hence once. Never freed: used up to exit().
const EVP_MD* algorithm_of(const Md5Digest&) {
  static const EVP_MD* const kAlgorithm = fetch("MD5");
  return kAlgorithm;
}
const EVP_MD* algorithm_of(const Sha1Digest&) {
  static const EVP_MD* const kAlgorithm = fetch("SHA1");
  return kAlgorithm;
}
const EVP_MD* algorithm_of(const Sha256Digest&) {
  static const EVP_MD* const kAlgorithm = fetch("SHA256");
  return kAlgorithm;
}

template <class Digest>
class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ != nullptr &&
          EVP_DigestInit_ex2(context_.get(), algorithm_of(Digest{}), nullptr) == 1);
  }
  void update(std::span<const std::byte> data) {
    check(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
  }
  Digest finish() {
    Digest digest{};
    check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr) == 1);
    return digest;
  }

 private:
  static void check(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL: a digest failed");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};
using Md5 = Hash<Md5Digest>;
using Sha256 = Hash<Sha256Digest>;

template <class Digest>
Digest digest_of(std::span<const std::byte> data) {
  Hash<Digest> hash;
  hash.update(data);
  return hash.finish();
}

}  // namespace

Md5Digest md5(std::span<const std::byte> data) {
  return digest_of<Md5Digest>(data);
}

Md5Digest md5(const Body& body) {
  Md5 hash;
  for (const Body::Segment& segment : body.segments()) hash.update(segment.bytes);
  return hash.finish();
}

Sha1Digest sha1(std::span<const std::byte> data) {
  return digest_of<Sha1Digest>(data);
}

Sha256Digest sha256(std::span<const std::byte> data) {
  return digest_of<Sha256Digest>(data);
}

Sha256Digest sha256(const Body& body) {
  Sha256 hash;
  for (const Body::Segment& segment : body.segments()) hash.update(segment.bytes);
  return hash.finish();
}

Sha256Digest hmac_sha256(std::span<const std::byte> key, std::string_view message) {
  constexpr std::size_t kBlock = 64;
  std::array<std::byte, kBlock> padded{};
  if (key.size() > kBlock) {
    std::ranges::copy(sha256(key), padded.begin());
  } else {
    std::ranges::copy(key, padded.begin());
  }
  const auto masked = [&padded](std::byte mask) {
    std::array<std::byte, kBlock> block{};
    std::ranges::transform(padded, block.begin(), [mask](std::byte b) { return b ^ mask; });
    return block;
  };
  Sha256 inner;
  inner.update(masked(std::byte{0x36}));
  inner.update(as_bytes(message));
  Sha256 outer;
  outer.update(masked(std::byte{0x5c}));
  outer.update(inner.finish());
  return outer.finish();
}

}  // namespace cairn::vfs::crypto
