// Who we are: found as Google's own tools find it (Application Default Credentials), and renewed
// ahead of its end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "vfs/base/services.hpp"
#include "vfs/config.hpp"
#include "vfs/net/token_cache.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::crypto {
class RsaKey;
}  // namespace cairn::vfs::crypto

namespace cairn::vfs::gcs {

struct Credentials {
  Secret token{};                      ///< for "Authorization: Bearer"
  std::optional<TimePoint> expires{};  ///< absent: never, or not known
  std::string kind{};                  ///< "service_account", "metadata", …: for messages
  std::string account{};               ///< e-mail of a service account, where it is known
  /// Who is billed: x-goog-user-project, unless GcsOptions::user_project says otherwise. May be
  /// empty.
  std::string quota_project{};
  std::string universe{"googleapis.com"};       ///< the domain of the services that know the token
  std::shared_ptr<const crypto::RsaKey> key{};  ///< of the account: signs URLs without a request

  /// The key is left out: it is read anew with each token.
  friend bool operator==(const Credentials& left, const Credentials& right) {
    return left.token == right.token && left.expires == right.expires &&
           left.account == right.account && left.quota_project == right.quota_project;
  }
};

using CredentialCache = net::TokenCache<Credentials>;

/// Looks through all places, in the order that vfs/gcs/credentials/README.md gives. A service
/// account's key needs no request, all others but a token in the options do. Throws
/// net::CredentialError and net::TransportError.
[[nodiscard]] Credentials find_credentials(const Services& services, const CallOptions& call);

/// The cache that all stores of a Context share.
[[nodiscard]] std::shared_ptr<CredentialCache> shared_credentials(const Services& services);

}  // namespace cairn::vfs::gcs
