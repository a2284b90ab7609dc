// AWS Signature Version 4, in headers and in URLs.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "vfs/base/per_process.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/net/sigv4.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/s3/credentials.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// Signs requests; keeps the key of the day. Thread-safe.
class Signer {
 public:
  explicit Signer(std::string service = "s3") : service_(std::move(service)) {}
  /// Sets x-amz-date, x-amz-security-token and authorization. An x-amz-content-sha256 that stands
  /// in the headers is the payload hash; without one the hash is `payload_hash`.
  void sign(net::Request& request, const Credentials& credentials, std::string_view region,
            TimePoint now, std::string_view payload_hash = kUnsignedPayload);
  /// Puts the signature into the query of the request's URL, so that it needs no header beside
  /// those that the request has now: these are signed, and whoever uses the URL has to send them.
  void presign(net::Request& request, const Credentials& credentials, std::string_view region,
               TimePoint now, std::chrono::seconds expires);

 private:
  [[nodiscard]] std::string signature(const Credentials& credentials,
                                      const net::SignatureScope& scope, std::string_view time,
                                      const net::Canonical& canonical);
  [[nodiscard]] crypto::Sha256Digest key(const Credentials& credentials,
                                         const net::SignatureScope& scope);
  struct LastKey {
    std::mutex mutex{};
    Credentials credentials{};  // guarded by mutex, as are the next three
    std::string day{};
    std::string region{};
    crypto::Sha256Digest key{};
  };
  std::string service_;
  PerProcess<LastKey> last_;
};

}  // namespace cairn::vfs::s3
