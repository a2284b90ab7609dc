// Where a bucket is and how it is spoken to: options, then the environment, then AWS's files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vfs/base/variables.hpp"
#include "vfs/config.hpp"
#include "vfs/s3/ini.hpp"

namespace cairn::vfs::s3 {

/// ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE
/// name.
struct ProfileFiles {
  std::string config_path{};
  std::string credentials_path{};
  std::optional<Ini> config{};  ///< absent: there is no such file
  std::optional<Ini> credentials{};
  std::string profile{"default"};  ///< the one in use

  /// From the section of the profile in the config file; nullptr if it is not there or empty.
  [[nodiscard]] const std::string* setting(std::string_view key) const {
    return setting_of(profile, key);
  }
  [[nodiscard]] const std::string* setting_of(const std::string& name, std::string_view key) const;
  /// From the section of a profile in the credentials file.
  [[nodiscard]] const std::string* key_of(const std::string& name, std::string_view key) const;
  /// From any section of the config file.
  [[nodiscard]] const std::string* in_config(std::string_view section, std::string_view key) const;
  [[nodiscard]] bool has_config_of(const std::string& name) const;
  [[nodiscard]] bool has_credentials_of(const std::string& name) const;
  /// From "[services …]" of the profile.
  [[nodiscard]] const std::string* service_setting(std::string_view key) const;
};
[[nodiscard]] ProfileFiles load_profile_files(const S3Options& options, const Variables& variables);

/// All that is known about a bucket before the first request.
struct BucketConfig {
  std::string bucket{};
  std::string endpoint{};  ///< "http://127.0.0.1:9000"; empty: AWS's, by region
  std::string region{"us-east-1"};
  bool path_style{false};
  bool dualstack{false};  ///< these three: of AWS's own endpoints
  bool fips{false};
  bool accelerate{false};
  bool anonymous{false};
  bool sign_payload{false};
  bool send_checksums{true};  ///< false: AWS_REQUEST_CHECKSUM_CALCULATION=when_required
};
/// Throws Error(invalid_argument) for a bucket name or endpoint that can't be one, and for
/// credentials over plain http.
[[nodiscard]] BucketConfig resolve_bucket(std::string_view bucket, const Config& config,
                                          const Variables& variables, const ProfileFiles& files);

/// What the environment or the profile say about where a service is ("AWS_ENDPOINT_URL_S3", "s3");
/// empty: nothing.
[[nodiscard]] std::string configured_endpoint(const Variables& variables, const ProfileFiles& files,
                                              std::string_view variable, std::string_view service);
/// "amazonaws.com", or what it is called in the region's part of the world.
[[nodiscard]] std::string_view domain_of(std::string_view region);

/// What a target ("/key?query") is appended to, for a region.
[[nodiscard]] std::string base_url(const BucketConfig& config, std::string_view region);
[[nodiscard]] bool is_region(std::string_view text);

}  // namespace cairn::vfs::s3
