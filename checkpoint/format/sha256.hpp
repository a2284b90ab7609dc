// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/bytes.hpp"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace cairn::checkpoint::format {

using Sha256Digest = std::array<std::byte, 32>;

/// Of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes);
  [[nodiscard]] Sha256Digest finish();  ///< once

 private:
  evp_md_ctx_st* context_;
};

/// One for each body, on several threads. Throws what the source of a body throws.
[[nodiscard]] std::vector<Sha256Digest> sha256_each(std::span<const vfs::Body> bodies);

/// 64 digits, and back; absent for anything else.
[[nodiscard]] std::string to_hex(const Sha256Digest& digest);
[[nodiscard]] std::optional<Sha256Digest> from_hex(std::string_view text);

}  // namespace cairn::checkpoint::format
