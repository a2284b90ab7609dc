// Who we are: found as Azure's own tools find it, and renewed ahead of its end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/base/services.hpp"
#include "vfs/config.hpp"
#include "vfs/net/token_cache.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// One of key, sas and token; none of them: anonymous.
struct Credentials {
  /// Whose key or SAS it is, where the place that gave it said so. Sent to another account it is of
  /// no use: compare it with the account of the URL. Empty: the account of the URL.
  std::string account{};
  Secret key{};                        ///< of the account, in base64
  Secret sas{};                        ///< "sv=…&sig=…": encoded for a query, without '?'
  Secret token{};                      ///< for "Authorization: Bearer"
  std::optional<TimePoint> expires{};  ///< absent: never, or not known

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// What a connection string says. Endpoints are absent where it leaves them to the account's name;
/// they hold no trailing '/', and the one of the emulator ends in its account.
/// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
struct ConnectionString {
  std::string account{};
  Secret key{};
  Secret sas{};
  std::string protocol{"https"};
  std::string suffix{"core.windows.net"};
  std::string blob_endpoint{};
  std::string dfs_endpoint{};
};
/// Throws net::CredentialError, which says what is wrong and holds no secret.
[[nodiscard]] ConnectionString parse_connection_string(const Secret& text);

/// The one of AzureOptions::connection_string or AZURE_STORAGE_CONNECTION_STRING. Absent: neither
/// is set. Throws net::CredentialError.
[[nodiscard]] std::optional<ConnectionString> configured_connection_string(const Config& config);

/// A SAS as people write it, with or without '?', checked: it holds a signature and no line break.
/// `place` says where it stood. Throws net::CredentialError.
[[nodiscard]] Secret parse_sas(const Secret& text, std::string_view place);

using CredentialCache = net::TokenCache<Credentials>;

/// Looks through all places, in the order that vfs/azure/credentials/README.md gives. `endpoint` is
/// the URL of the account: it tells which cloud gives tokens for it, unless AZURE_AUTHORITY_HOST
/// does. Asks the network only if there is neither a key nor a SAS. Throws net::CredentialError and
/// net::TransportError.
[[nodiscard]] Credentials find_credentials(const Services& services, std::string_view endpoint,
                                           const CallOptions& call);

/// The cache that all stores of a Context share, one for each cloud.
[[nodiscard]] std::shared_ptr<CredentialCache> shared_credentials(const Services& services,
                                                                  std::string_view endpoint);

}  // namespace cairn::vfs::azure
