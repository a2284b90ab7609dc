#include "checkpoint/format/sha256.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

#include <openssl/evp.h>

namespace cairn::checkpoint::format {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::uint64_t kStep = std::uint64_t{16} << 20U;

void require(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL refuses to compute a SHA-256");
}

// A source's bytes are not all wanted in memory at once.
Sha256Digest digest_of(const vfs::Body& body) {
  Sha256 sum;
  for (std::uint64_t at = 0; at < body.size(); at += kStep) {
    const vfs::Body bytes = body.slice(at, std::min(kStep, body.size() - at)).load();
    for (const vfs::Body::Segment& segment : bytes.segments()) sum.add(segment.bytes);
  }
  return sum.finish();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) throw std::bad_alloc();
  require(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr));
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
}

void Sha256::add(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  require(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  return digest;
}

std::vector<Sha256Digest> sha256_each(std::span<const vfs::Body> bodies) {
  std::vector<Sha256Digest> digests(bodies.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < bodies.size(); i = next++) digests[i] = digest_of(bodies[i]);
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  };
  const std::size_t wanted =
      std::min<std::size_t>(std::thread::hardware_concurrency(), bodies.size());
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (thrown) std::rethrow_exception(thrown);
  return digests;
}

std::string to_hex(const Sha256Digest& digest) {
  std::string text;
  for (const std::byte byte : digest) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4U];
    text += kDigits[std::to_integer<std::size_t>(byte) & 0xFU];
  }
  return text;
}

std::optional<Sha256Digest> from_hex(std::string_view text) {
  Sha256Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = (digest[i / 2] << 4U) | static_cast<std::byte>(digit);
  }
  return digest;
}

}  // namespace cairn::checkpoint::format
