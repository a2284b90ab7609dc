// The places that give credentials. Absent: not configured there, which is noted. Configured but
// failing: CredentialError.
#pragma once

#include <optional>
#include <string>

#include "vfs/s3/credentials/inputs.hpp"

namespace cairn::vfs::s3 {

using Found = std::optional<Credentials>;

[[nodiscard]] Found from_options(CredentialInputs& inputs);
[[nodiscard]] Found from_environment(CredentialInputs& inputs);

/// A role of the profile, assumed with the keys of another one or of the machine. Throws also if
/// somebody names a profile that is not there.
[[nodiscard]] Found from_profile_role(CredentialInputs& inputs);
/// What else a profile may have: web identity, SSO, keys, a program.
[[nodiscard]] Found from_profile(CredentialInputs& inputs);

/// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
[[nodiscard]] Found from_web_identity_environment(CredentialInputs& inputs);

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI: ECS, EKS pod identity.
[[nodiscard]] Found from_container(CredentialInputs& inputs);

/// The metadata service of an EC2 instance, version 2.
[[nodiscard]] Found from_instance(CredentialInputs& inputs);

/// What a role is assumed with.
struct Role {
  std::string arn{};
  std::string session_name{};
  std::string external_id{};
  std::string duration_seconds{};
};
/// STS AssumeRole, signed with `source`.
[[nodiscard]] Credentials assume_role(CredentialInputs& inputs, const std::string& profile,
                                      const Role& role, const Credentials& source);
/// STS AssumeRoleWithWebIdentity, with the token that the file holds now.
[[nodiscard]] Credentials assume_role_with_web_identity(CredentialInputs& inputs,
                                                        const std::string& profile,
                                                        const Role& role,
                                                        const std::string& token_file);

/// credential_process: `command` from the file `path`.
[[nodiscard]] Credentials from_process(CredentialInputs& inputs, const std::string& command,
                                       const std::string& path);

/// IAM Identity Center, with the token that `aws sso login` has left.
struct Sso {
  std::string session{};  ///< empty: the old way, without an sso-session
  std::string start_url{};
  std::string region{};
  std::string account_id{};
  std::string role_name{};
  std::string profile{};
};
[[nodiscard]] Credentials from_sso(CredentialInputs& inputs, const Sso& sso);

}  // namespace cairn::vfs::s3
