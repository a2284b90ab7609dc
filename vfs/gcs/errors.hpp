// What the error codes of Cloud Storage mean, with a hint for the common causes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "vfs/error.hpp"
#include "vfs/gcs/config.hpp"
#include "vfs/net/errors.hpp"

namespace cairn::vfs::gcs {

/// `code` is the "reason" of the JSON API, or the code of the XML API.
[[nodiscard]] ErrorCode code_of(int status, std::string_view code);

/// Of a bucket that is not there.
[[nodiscard]] std::string hint_of_bucket(const BucketConfig& config);

/// For the errors of one bucket.
[[nodiscard]] net::ErrorRules error_rules(const BucketConfig& config);

}  // namespace cairn::vfs::gcs
