// What S3's error codes mean, with a hint for the common causes. Pure.
#pragma once

#include <string_view>

#include "vfs/error.hpp"
#include "vfs/net/errors.hpp"
#include "vfs/s3/config.hpp"

namespace cairn::vfs::s3 {

[[nodiscard]] ErrorCode code_of(int status, std::string_view code);

/// For the errors of one bucket.
[[nodiscard]] net::ErrorRules error_rules(const BucketConfig& config);

}  // namespace cairn::vfs::s3
