// The parts of managed identities that their tests look at.
#pragma once

#include <string>
#include <string_view>

#include "vfs/azure/credentials/places.hpp"

namespace cairn::vfs::azure {

/// Where the agent of Azure Arc keeps the secrets of its challenges.
inline constexpr std::string_view kArcSecrets = "/var/opt/azcmagent/tokens";

/// A token of Azure Arc, whose agent first wants to see that we can read a file in `secrets`.
[[nodiscard]] Credentials from_arc(const CredentialInputs& inputs, const std::string& endpoint,
                                   std::string_view secrets = kArcSecrets);

}  // namespace cairn::vfs::azure
