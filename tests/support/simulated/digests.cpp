#include "tests/support/simulated/digests.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace cairn::test::sim {
namespace {

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), raw.data(), &size, algorithm, nullptr) != 1) {
    throw std::runtime_error("EVP_Digest failed");
  }
  return {reinterpret_cast<const char*>(raw.data()), size};
}

/// A reflected CRC, a byte at a time: all three begin with ones and end with an inversion.
template <class Word>
class TableCrc {
 public:
  explicit TableCrc(Word polynomial) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      Word word = static_cast<Word>(i);
      for (int bit = 0; bit < 8; ++bit) word = (word >> 1U) ^ ((word & 1U) != 0 ? polynomial : 0);
      table_[i] = word;
    }
  }
  [[nodiscard]] std::string big_endian(std::string_view bytes) const {
    Word word = ~Word{0};
    for (const char c : bytes) {
      word = (word >> 8U) ^ table_[(word ^ static_cast<unsigned char>(c)) & 0xFFU];
    }
    word = ~word;
    std::string raw;
    for (std::size_t i = sizeof(Word); i > 0; --i) {
      raw += static_cast<char>((word >> (8 * (i - 1))) & 0xFFU);
    }
    return raw;
  }

 private:
  std::array<Word, 256> table_{};
};

}  // namespace

std::string md5(std::string_view bytes) {
  return digest(EVP_md5(), bytes);
}
std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), raw.data(), &size);
  return {reinterpret_cast<const char*>(raw.data()), size};
}

std::string hex(std::string_view raw) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string raw;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
    const std::size_t high = kDigits.find(text[i]);
    const std::size_t low = kDigits.find(text[i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return {};
    raw += static_cast<char>(high % 16 * 16 + low % 16);
  }
  return raw;
}

std::string base64(std::string_view raw) {
  std::string text((raw.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(raw.data()),
                                   static_cast<int>(raw.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty()) return std::string{};
  if (text.size() % 4 != 0) return {};
  std::string raw(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(raw.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  raw.resize(static_cast<std::size_t>(size) - padding);
  return raw;
}

std::string crc(std::string_view algorithm, std::string_view bytes) {
  static const TableCrc<std::uint32_t> crc32(0xEDB88320U);
  static const TableCrc<std::uint32_t> crc32c(0x82F63B78U);
  static const TableCrc<std::uint64_t> crc64nvme(0x9A6C9329AC4BC9B5U);
  if (algorithm == "crc32") return crc32.big_endian(bytes);
  if (algorithm == "crc32c") return crc32c.big_endian(bytes);
  if (algorithm == "crc64nvme") return crc64nvme.big_endian(bytes);
  throw std::invalid_argument("unknown checksum " + std::string(algorithm));
}

std::string checksum(std::string_view algorithm, std::string_view bytes) {
  return base64(crc(algorithm, bytes));
}

bool is_checksum_algorithm(std::string_view name) {
  return name == "crc32" || name == "crc32c" || name == "crc64nvme";
}

}  // namespace cairn::test::sim
