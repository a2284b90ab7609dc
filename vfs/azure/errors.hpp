// From what Azure Storage said to the Error that a user sees, with a hint for the common causes.
// Pure.
#pragma once

#include <string_view>

#include "vfs/azure/config.hpp"
#include "vfs/error.hpp"
#include "vfs/net/errors.hpp"

namespace cairn::vfs::azure {

/// By the service's code, else by the status.
/// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
[[nodiscard]] ErrorCode code_of(int status, std::string_view code);

[[nodiscard]] net::ErrorRules error_rules(const ContainerConfig& config);

}  // namespace cairn::vfs::azure
