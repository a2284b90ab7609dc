// Who we are: options, environment, profile files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vfs/config.hpp"
#include "vfs/s3/config.hpp"

namespace cairn::vfs::s3 {

struct Credentials {
  std::string access_key_id{};
  Secret secret_access_key{};
  Secret session_token{};  ///< empty: long-lived keys

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// What was found, or each place that was looked at, in words.
struct CredentialSearch {
  std::optional<Credentials> credentials{};
  std::vector<std::string> looked_at{};
};

/// The order is AWS's: options, environment (unless a profile is given in the options), credentials
/// file, config file.
[[nodiscard]] CredentialSearch find_credentials(const S3Options& options,
                                                const Variables& variables,
                                                const ProfileFiles& files);

}  // namespace cairn::vfs::s3
