// Shared access signatures as the service checks them, from Microsoft's pages "Create an account
// SAS", "Create a service SAS" and "Create a user delegation SAS" (version 2020-12-06 and newer).
#pragma once

#include <map>
#include <string>

#include "tests/support/simulated_azure/account.hpp"
#include "tests/support/simulated_azure/calls.hpp"
#include "tests/support/simulated_azure/text.hpp"

namespace cairn::test::sim::azure {

using Query = std::map<std::string, std::string>;

/// What is granted: letters of permissions. Throws Refusal.
[[nodiscard]] std::string check_sas(const Query& query, const Address& address, char resource_type,
                                    const Account& account, TimePoint now);

/// Get User Delegation Key: what signs for that user and time; base64.
[[nodiscard]] std::string delegation_key(const Account& account, const std::string& object_id,
                                         const std::string& tenant_id, const std::string& start,
                                         const std::string& expiry, const std::string& version);

}  // namespace cairn::test::sim::azure
