// What AWS's Signature Version 4 and Google's V4 share: the canonical form of a request, what is
// signed of it, and the key of a day.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// https://cloud.google.com/storage/docs/authentication/canonical-requests
#pragma once

#include <string>
#include <string_view>

#include "vfs/crypto/digest.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/secret.hpp"

namespace cairn::vfs::net {

/// What is hashed for a signature: the request's URL has to be encoded already, and the bytes of
/// its path are taken as they are. The headers must hold no Host: it comes from the URL.
struct Canonical {
  std::string request{};
  std::string signed_headers{};  ///< "host;x-amz-date"
};
[[nodiscard]] Canonical canonical_request(const Request& request, std::string_view payload_hash);

/// When and where a signature is good.
struct SignatureScope {
  std::string_view day{};  ///< "20260212"
  std::string_view region{};
  std::string_view service{};
  std::string_view version{"aws4_request"};

  /// "20260212/eu-west-3/s3/aws4_request"
  [[nodiscard]] std::string text() const;
};

/// `time` is that of format_basic_iso8601.
[[nodiscard]] std::string string_to_sign(std::string_view algorithm, std::string_view time,
                                         const SignatureScope& scope, const Canonical& canonical);

/// Derived from a secret that has its prefix ("AWS4…", "GOOG4…") already.
[[nodiscard]] crypto::Sha256Digest signing_key(const Secret& prefixed, const SignatureScope& scope);

/// The value of the header Authorization.
[[nodiscard]] std::string signature_header(std::string_view algorithm, std::string_view key_id,
                                           const SignatureScope& scope, const Canonical& canonical,
                                           std::string_view signature);

}  // namespace cairn::vfs::net
