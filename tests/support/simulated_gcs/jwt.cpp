#include "tests/support/simulated_gcs/jwt.hpp"

#include <algorithm>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kSkew = 300;  // of the clocks of client and server

/// RFC 7515 section 2: the alphabet for URLs, without padding.
std::optional<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return {};
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return from_base64(padded);
}

}  // namespace

std::string Jwt::text(const char* claim) const {
  const auto found = claims.find(claim);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t Jwt::seconds(const char* claim) const {
  const auto found = claims.find(claim);
  return found != claims.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

std::optional<Jwt> read_jwt(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (second == text.npos) return {};
  const auto header = from_base64url(text.substr(0, first));
  const auto claims = from_base64url(text.substr(first + 1, second - first - 1));
  const auto signature = from_base64url(text.substr(second + 1));
  if (!header || !claims || !signature) return {};
  Jwt jwt{.header = nlohmann::json::parse(*header, nullptr, false),
          .claims = nlohmann::json::parse(*claims, nullptr, false),
          .signed_part = std::string(text.substr(0, second)),
          .signature = *signature};
  if (!jwt.header.is_object() || !jwt.claims.is_object()) return {};
  return jwt;
}

bool verify_rs256(std::string_view text, std::string_view signature,
                  const std::string& public_key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(
      BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1) {
    return false;
  }
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

std::optional<std::string> refuse_jwt(const Jwt& jwt, const std::string& public_key,
                                      std::chrono::system_clock::time_point now) {
  const std::int64_t time = std::chrono::system_clock::to_time_t(now);
  if (jwt.header.value("alg", "") != "RS256") return "the algorithm is not RS256";
  if (jwt.header.value("typ", "JWT") != "JWT") return "the type is not JWT";
  if (!verify_rs256(jwt.signed_part, jwt.signature, public_key)) return "Invalid JWT Signature.";
  const std::int64_t issued = jwt.seconds("iat");
  const std::int64_t expires = jwt.seconds("exp");
  if (issued <= 0 || expires <= issued || expires - issued > kHour) {
    return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
           "timeframe.";
  }
  if (issued > time + kSkew) return "Invalid JWT: it is issued in the future.";
  if (expires + kSkew < time) return "Invalid JWT: it has expired.";
  return {};
}

}  // namespace cairn::test::sim::gcs
