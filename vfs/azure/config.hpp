// Where a container is and how it is spoken to: the URL, options, the environment, a connection
// string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vfs/azure/credentials.hpp"
#include "vfs/base/variables.hpp"
#include "vfs/config.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs::azure {

/// What the authority of a URL names: "container", "container@account.blob.core.windows.net" or
/// "account.dfs.core.windows.net" (its container is the first segment of the path).
struct Authority {
  std::string container{};
  std::string account{};
  std::string host{};  ///< of blobs; empty: the account's usual one

  friend bool operator==(const Authority&, const Authority&) = default;
};
[[nodiscard]] Authority parse_authority(std::string_view authority);

/// Whether a host is one of Azure Storage's or OneLake's: of blobs or of files, in any cloud.
[[nodiscard]] bool is_storage_host(std::string_view host);

/// The URL with its container before the path: "az://container@account.blob.…/key". The query of an
/// https URL, which may be a SAS, stays. Absent: that is how it is written already, or it is no URL
/// of Azure's. Throws Error(invalid_argument).
[[nodiscard]] std::optional<Url> canonical_url(const Url& url);

/// All that is known about a container before the first request.
struct ContainerConfig {
  std::string container{};
  std::string account{};
  /// Of blobs and of files, without a trailing '/': "http://127.0.0.1:10000/devstoreaccount1".
  std::string endpoint{};
  std::string dfs_endpoint{};
  bool anonymous{false};
};
/// Throws Error(invalid_argument) for a name or an endpoint that can't be one, for an account that
/// nothing names, and for credentials over plain http.
[[nodiscard]] ContainerConfig resolve_container(const Url& root, const Config& config);

}  // namespace cairn::vfs::azure
