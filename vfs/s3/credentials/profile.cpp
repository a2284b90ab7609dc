#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "vfs/s3/credentials/places.hpp"

namespace cairn::vfs::s3 {
namespace {

/// One profile, as credentials file and config file describe it together.
class Profile {
 public:
  Profile(const ProfileFiles& files, std::string name) : files_(files), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string get(std::string_view key) const {
    if (const std::string* value = files_.key_of(name_, key)) return *value;
    const std::string* value = files_.setting_of(name_, key);
    return value == nullptr ? std::string{} : *value;
  }
  /// The file that says it.
  [[nodiscard]] const std::string& place_of(std::string_view key) const {
    return files_.key_of(name_, key) != nullptr ? files_.credentials_path : files_.config_path;
  }
  [[nodiscard]] std::string in_config() const {
    return fmt::format("{} [profile {}]", files_.config_path, name_);
  }

 private:
  const ProfileFiles& files_;
  std::string name_;
};

Found keys_in(const std::string* id, const std::string* secret, const std::string* token) {
  if (id == nullptr || secret == nullptr) return {};
  return Credentials{.access_key_id = *id,
                     .secret_access_key = *secret,
                     .session_token = token == nullptr ? std::string{} : *token};
}

/// Keys that stand in one of the two files; else why there are none.
Found from_credentials_file(CredentialInputs& inputs, const std::string& profile) {
  const ProfileFiles& files = inputs.files;
  const auto key = [&](const char* name) { return files.key_of(profile, name); };
  auto found =
      keys_in(key("aws_access_key_id"), key("aws_secret_access_key"), key("aws_session_token"));
  if (found) return found;
  const char* why = !files.credentials                   ? "no such file"
                    : !files.has_credentials_of(profile) ? "no such profile"
                                                         : "no keys";
  return inputs.note(fmt::format("{} [{}] ({})", files.credentials_path, profile, why));
}

Found from_config_file(CredentialInputs& inputs, const std::string& profile) {
  const ProfileFiles& files = inputs.files;
  const auto key = [&](const char* name) { return files.setting_of(profile, name); };
  auto found =
      keys_in(key("aws_access_key_id"), key("aws_secret_access_key"), key("aws_session_token"));
  if (found) return found;
  const char* why = !files.config                   ? "no such file"
                    : !files.has_config_of(profile) ? "no such profile"
                                                    : "no keys";
  return inputs.note(fmt::format("{} [profile {}] ({})", files.config_path, profile, why));
}

Found resolve(CredentialInputs& inputs, const std::string& name, std::vector<std::string> chain);

Role role_of(const Profile& profile) {
  return {.arn = profile.get("role_arn"),
          .session_name = profile.get("role_session_name"),
          .external_id = profile.get("external_id"),
          .duration_seconds = profile.get("duration_seconds")};
}

Found from_credential_source(CredentialInputs& inputs, const Profile& profile,
                             const std::string& source) {
  if (source == "Environment") return from_environment(inputs);
  if (source == "EcsContainer") return from_container(inputs);
  if (source == "Ec2InstanceMetadata") return from_instance(inputs);
  throw CredentialError(
      fmt::format("{} has the credential_source \"{}\"", profile.in_config(), source),
      "it is one of Environment, EcsContainer and Ec2InstanceMetadata");
}

/// The keys that a role is assumed with: of another profile, which may itself have a role.
Credentials source_of(CredentialInputs& inputs, const Profile& profile,
                      std::vector<std::string> chain) {
  const std::string source = profile.get("source_profile");
  const std::string credential_source = profile.get("credential_source");
  if (!source.empty() && !credential_source.empty()) {
    throw CredentialError(
        fmt::format("{} has a source_profile and a credential_source", profile.in_config()),
        "leave one of them out");
  }
  Found found;
  if (!credential_source.empty()) {
    found = from_credential_source(inputs, profile, credential_source);
  } else if (source == profile.name()) {  // its own keys
    found = from_credentials_file(inputs, source);
    if (!found) found = from_config_file(inputs, source);
  } else {
    if (std::ranges::find(chain, source) != chain.end()) {
      throw CredentialError(
          fmt::format("the profiles {} and {} take their credentials from each "
                      "other",
                      profile.name(), source));
    }
    found = resolve(inputs, source, std::move(chain));
  }
  if (found) return *std::move(found);
  throw CredentialError(fmt::format("{} has a role to assume, but {} gives no credentials for it",
                                    profile.in_config(),
                                    source.empty() ? "credential_source " + credential_source
                                                   : fmt::format("the profile \"{}\"", source)),
                        "check source_profile or credential_source");
}

Found from_role(CredentialInputs& inputs, const Profile& profile,
                const std::vector<std::string>& chain) {
  const Role role = role_of(profile);
  if (role.arn.empty()) return {};
  const std::string token_file = profile.get("web_identity_token_file");
  if (!token_file.empty()) {
    return assume_role_with_web_identity(inputs, profile.name(), role, token_file);
  }
  if (profile.get("source_profile").empty() && profile.get("credential_source").empty()) {
    throw CredentialError(
        fmt::format("{} has a role_arn and nothing to assume it with", profile.in_config()),
        "add source_profile, credential_source or web_identity_token_file");
  }
  if (!profile.get("mfa_serial").empty()) {
    throw CredentialError(
        fmt::format("{} wants a code of the device {}, which nobody can be asked for here",
                    profile.in_config(), profile.get("mfa_serial")),
        "export the keys that `aws configure export-credentials` gives");
  }
  return assume_role(inputs, profile.name(), role, source_of(inputs, profile, chain));
}

Found from_identity_center(CredentialInputs& inputs, const Profile& profile) {
  Sso sso{.session = profile.get("sso_session"),
          .start_url = profile.get("sso_start_url"),
          .region = profile.get("sso_region"),
          .account_id = profile.get("sso_account_id"),
          .role_name = profile.get("sso_role_name"),
          .profile = profile.name()};
  if (sso.session.empty() && sso.start_url.empty()) return {};
  if (!sso.session.empty()) {
    const std::string section = "sso-session " + sso.session;
    const std::string* url = inputs.files.in_config(section, "sso_start_url");
    const std::string* region = inputs.files.in_config(section, "sso_region");
    if (url == nullptr || region == nullptr) {
      throw CredentialError(
          fmt::format("{} names the sso-session \"{}\", which {} does not "
                      "describe",
                      profile.in_config(), sso.session, inputs.files.config_path));
    }
    sso.start_url = *url;
    sso.region = *region;
  }
  if (sso.account_id.empty() || sso.role_name.empty() || !is_region(sso.region)) {
    throw CredentialError(
        fmt::format("{} lacks sso_account_id, sso_role_name or sso_region", profile.in_config()),
        "see `aws configure sso`");
  }
  return from_sso(inputs, sso);
}

Found resolve(CredentialInputs& inputs, const std::string& name, std::vector<std::string> chain) {
  chain.push_back(name);
  const Profile profile(inputs.files, name);
  if (auto found = from_role(inputs, profile, chain)) return found;
  if (auto found = from_identity_center(inputs, profile)) return found;
  if (auto found = from_credentials_file(inputs, name)) return found;
  const std::string command = profile.get("credential_process");
  if (!command.empty()) {
    return from_process(inputs, command, profile.place_of("credential_process"));
  }
  return from_config_file(inputs, name);
}

}  // namespace

Found from_profile_role(CredentialInputs& inputs) {
  const ProfileFiles& files = inputs.files;
  const std::string& name = files.profile;
  if (name != "default" && !files.has_config_of(name) && !files.has_credentials_of(name)) {
    throw CredentialError(fmt::format("there is no profile \"{}\", neither in {} nor in {}", name,
                                      files.config_path, files.credentials_path),
                          "S3Options::profile, AWS_PROFILE or AWS_DEFAULT_PROFILE names it");
  }
  const Profile profile(files, name);
  if (!profile.get("web_identity_token_file").empty()) return {};
  return from_role(inputs, profile, {name});
}

Found from_profile(CredentialInputs& inputs) {
  return resolve(inputs, inputs.files.profile, {});
}

}  // namespace cairn::vfs::s3
