// V4 signed URLs of the XML API: with the key of a service account, by IAM in its name, or with an
// HMAC key. https://cloud.google.com/storage/docs/authentication/signatures
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/gcs/credentials.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::vfs::gcs {

/// Where the bucket stands in the URL: "endpoint/bucket/object", "bucket.endpoint/object", or
/// nowhere, because the endpoint is a host of its own.
enum class UrlStyle { path, virtual_host, bucket_bound };

/// What a URL shall allow.
struct UrlToSign {
  std::string endpoint{"https://storage.googleapis.com"};  ///< scheme, host and port
  UrlStyle style{UrlStyle::path};
  std::string bucket{};
  std::string object{};  ///< empty: the bucket
  std::string method{"GET"};
  net::Headers headers{};  ///< whoever uses the URL has to send them
  std::vector<std::pair<std::string, std::string>> query{};  ///< not encoded
  TimePoint signed_at{};
  std::chrono::seconds expires{3600};  ///< 1 s … 7 days
};

/// Signs what a PreparedUrl says.
struct UrlSigner {
  std::string_view algorithm{};  ///< "GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"
  std::string id{};              ///< e-mail of the service account, or access ID of the HMAC key
  std::function<std::vector<std::byte>(const std::string& text, TimePoint signed_at)> sign{};
};

/// A URL that lacks nothing but its signature.
struct PreparedUrl {
  std::string url{};
  std::string canonical_request{};
  std::string text{};  ///< what is signed
};
/// Pure.
[[nodiscard]] PreparedUrl prepare_url(const UrlToSign& what, const UrlSigner& signer);

/// Anybody who has the URL can do what it allows. Throws what the signer throws.
[[nodiscard]] Secret sign_url(const UrlToSign& what, const UrlSigner& signer);

/// With an HMAC key. Pure.
[[nodiscard]] UrlSigner hmac_signer(std::string access_id, Secret secret);
/// With the private key of a service account. Pure.
[[nodiscard]] UrlSigner rsa_signer(std::string account, std::shared_ptr<const crypto::RsaKey> key);

/// The HMAC key of GcsOptions, the key of our service account, or else IAM in its name (a request
/// for each URL). Throws net::CredentialError, if nobody here can sign, and net::TransportError.
[[nodiscard]] UrlSigner find_signer(const Services& services, const CallOptions& call,
                                    CredentialCache& credentials);

}  // namespace cairn::vfs::gcs
