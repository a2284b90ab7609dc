#include "vfs/s3/sign.hpp"

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/net/sigv4.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

}  // namespace

void Signer::sign(net::Request& request, const Credentials& credentials, std::string_view region,
                  TimePoint now, std::string_view payload_hash) {
  const std::string time = net::format_basic_iso8601(now);
  const net::SignatureScope scope{
      .day = std::string_view(time).substr(0, 8), .region = region, .service = service_};
  request.headers.set("x-amz-date", time);
  request.headers.remove("x-amz-security-token");
  if (!credentials.session_token.empty()) {
    request.headers.set("x-amz-security-token", credentials.session_token.reveal());
  }
  const auto hash = request.headers.find("x-amz-content-sha256");
  const net::Canonical canonical = net::canonical_request(request, hash.value_or(payload_hash));
  request.headers.set("authorization",
                      net::signature_header(kAlgorithm, credentials.access_key_id, scope, canonical,
                                            signature(credentials, scope, time, canonical)));
}

void Signer::presign(net::Request& request, const Credentials& credentials, std::string_view region,
                     TimePoint now, std::chrono::seconds expires) {
  const std::string time = net::format_basic_iso8601(now);
  const net::SignatureScope scope{
      .day = std::string_view(time).substr(0, 8), .region = region, .service = service_};
  const auto add = [&request](std::string_view name, std::string_view value) {
    request.url += request.url.find('?') == std::string::npos ? '?' : '&';
    request.url.append(name).append("=").append(net::percent_encode(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", fmt::format("{}/{}", credentials.access_key_id, scope.text()));
  add("X-Amz-Date", time);
  add("X-Amz-Expires", std::to_string(expires.count()));
  add("X-Amz-SignedHeaders", net::canonical_request(request, kUnsignedPayload).signed_headers);
  if (!credentials.session_token.empty()) {
    add("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  const net::Canonical canonical = net::canonical_request(request, kUnsignedPayload);
  add("X-Amz-Signature", signature(credentials, scope, time, canonical));
}

std::string Signer::signature(const Credentials& credentials, const net::SignatureScope& scope,
                              std::string_view time, const net::Canonical& canonical) {
  return crypto::hex(crypto::hmac_sha256(key(credentials, scope),
                                         net::string_to_sign(kAlgorithm, time, scope, canonical)));
}

crypto::Sha256Digest Signer::key(const Credentials& credentials, const net::SignatureScope& scope) {
  LastKey& last = last_.get();
  const std::lock_guard lock(last.mutex);
  if (last.day == scope.day && last.region == scope.region && last.credentials == credentials) {
    return last.key;
  }
  last.key = net::signing_key(Secret("AWS4" + credentials.secret_access_key.reveal()), scope);
  last.day = scope.day;
  last.region = scope.region;
  last.credentials = credentials;
  return last.key;
}

}  // namespace cairn::vfs::s3
