// Shared access signatures: URLs by which anybody can read or write one blob, until they expire.
// https://learn.microsoft.com/rest/api/storageservices/create-service-sas
// https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
#pragma once

#include <optional>
#include <string>

#include "vfs/net/transport.hpp"
#include "vfs/secret.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// What a signature grants, and for which blob.
struct Grant {
  std::string account{};
  std::string container{};
  Path path{};
  std::string permissions{"r"};  ///< of r, c (create only) and w, in Azure's order: "cw"
  TimePoint expires{};
  std::string version{};  ///< of the blob; empty: the latest
  bool https_only{true};
};

/// A key that a token buys, with which signatures are made that have the rights of its owner.
struct DelegationKey {
  std::string object_id{};
  std::string tenant_id{};
  std::string starts{};   ///< as the service wrote it: it goes into each signature
  std::string expires{};  ///< likewise
  std::string service{};
  std::string version{};
  Secret value{};  ///< base64

  /// Absent: the service wrote something that is no time.
  [[nodiscard]] std::optional<TimePoint> end() const;
};

/// "sv=…&sig=…", encoded. Empty if the key is not base64.
[[nodiscard]] Secret sign_grant(const Grant& grant, const Secret& account_key);
[[nodiscard]] Secret sign_grant(const Grant& grant, const DelegationKey& key);

/// Get User Delegation Key: POST to "/?restype=service&comp=userdelegationkey".
[[nodiscard]] net::Request delegation_key_request(TimePoint starts, TimePoint expires);
/// Absent: the answer holds none.
[[nodiscard]] std::optional<DelegationKey> parse_delegation_key(std::string body);

}  // namespace cairn::vfs::azure
