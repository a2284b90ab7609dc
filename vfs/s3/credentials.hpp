// Who we are: found as AWS's own tools find it, and renewed ahead of its end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "vfs/base/services.hpp"
#include "vfs/config.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/token_cache.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

struct Credentials {
  std::string access_key_id{};
  Secret secret_access_key{};
  Secret session_token{};              ///< empty: long-lived keys
  std::optional<TimePoint> expires{};  ///< absent: never
  /// While the place that they came from gives no answer, they are used beyond their end.
  bool extendable{false};

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

using net::CredentialError;
using CredentialCache = net::TokenCache<Credentials>;

/// Looks through all places, in the order that vfs/s3/credentials/README.md gives. Asks the network
/// only if neither options nor environment nor files hold keys. Throws CredentialError and
/// TransportError.
[[nodiscard]] Credentials find_credentials(const Services& services, const CallOptions& call,
                                           const std::shared_ptr<const Credentials>& before);

/// The cache that all stores of a Context share.
[[nodiscard]] std::shared_ptr<CredentialCache> shared_credentials(const Services& services);

}  // namespace cairn::vfs::s3
