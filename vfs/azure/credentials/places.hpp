// The places that give credentials. Absent: not configured there, which is noted. Configured but
// failing: net::CredentialError.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/azure/credentials.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/variables.hpp"
#include "vfs/net/client.hpp"

namespace cairn::vfs::azure {

/// What every place goes by.
struct CredentialInputs {
  const Services& services;
  Variables variables;
  std::string authority{};  ///< "https://login.microsoftonline.com": who gives tokens in this cloud
  CallOptions call{};
  std::vector<std::string> looked_at{};  ///< in vain, in words

  [[nodiscard]] const AzureOptions& options() const { return services.config.azure; }
  /// "not found" in one place; returns what a provider returns then.
  std::nullopt_t note(std::string place) {
    looked_at.push_back(std::move(place));
    return std::nullopt;
  }
};

using Found = std::optional<Credentials>;

/// Why a service gave none, in one line.
[[nodiscard]] std::string reason_of(const net::Outcome& outcome);

/// Keys and SAS: AzureOptions, or the environment.
[[nodiscard]] Found from_options(CredentialInputs& inputs);
[[nodiscard]] Found from_environment(CredentialInputs& inputs);

/// An application with a client secret, and one with the token that its cluster keeps in a file.
[[nodiscard]] Found from_client_secret(CredentialInputs& inputs);
[[nodiscard]] Found from_workload_identity(CredentialInputs& inputs);

/// App Service and Functions, Azure Arc, Azure Machine Learning, virtual machines.
[[nodiscard]] Found from_managed_identity(CredentialInputs& inputs);

/// Whoever has run `az login`.
[[nodiscard]] Found from_azure_cli(CredentialInputs& inputs);

}  // namespace cairn::vfs::azure
