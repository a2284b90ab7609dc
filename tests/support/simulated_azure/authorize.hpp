// Who may do what: Shared Key, SAS, bearer tokens, from Microsoft's pages "Authorize with Shared
// Key", "Delegate access with a shared access signature" and "Authorize with Microsoft Entra ID".
#pragma once

#include <string>

#include "tests/support/simulated_azure/account.hpp"
#include "tests/support/simulated_azure/calls.hpp"
#include "tests/support/simulated_azure/text.hpp"

namespace cairn::test::sim::azure {

struct Grant {
  bool whole_account{false};  ///< by key or token: all calls
  bool by_token{false};
  std::string permissions{};  ///< of a SAS
};

/// Throws Refusal. A sub-request of a batch has no x-ms-version of its own.
[[nodiscard]] Grant authorize(const Incoming& request, const Address& address, const Rule& rule,
                              const Account& account, TimePoint now);

/// Base64, as the header has it after "SharedKey ACCOUNT:".
[[nodiscard]] std::string shared_key_signature(const Incoming& request, const Account& account);

/// "Bearer …" of one of the account's tokens that has not run out. Throws Refusal.
void check_bearer(const std::string& authorization, const Account& account);

}  // namespace cairn::test::sim::azure
