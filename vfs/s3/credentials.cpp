#include "vfs/s3/credentials.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace cairn::vfs::s3 {
namespace {

const IniSection* find_section(const std::optional<Ini>& file, const std::string& name) {
  if (!file) return nullptr;
  const auto found = file->find(name);
  return found == file->end() ? nullptr : &found->second;
}

std::string value_of(const IniSection& section, std::string_view key) {
  const auto found = section.find(key);
  return found == section.end() ? std::string{} : found->second;
}

/// Keys that stand in a section; else why there are none.
std::optional<Credentials> from_section(const IniSection* section, std::string_view place,
                                        bool file_exists, CredentialSearch& search) {
  const auto note = [&](std::string_view why) {
    search.looked_at.push_back(fmt::format("{} ({})", place, why));
  };
  if (section == nullptr) {
    note(file_exists ? "no such profile" : "no such file");
    return {};
  }
  Credentials found{.access_key_id = value_of(*section, "aws_access_key_id"),
                    .secret_access_key = value_of(*section, "aws_secret_access_key"),
                    .session_token = value_of(*section, "aws_session_token")};
  if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
  constexpr std::array<std::string_view, 5> kOtherWays{
      "credential_process", "role_arn", "sso_session", "sso_start_url", "web_identity_token_file"};
  for (const std::string_view key : kOtherWays) {
    if (!value_of(*section, key).empty()) {
      note(fmt::format("it uses {}, which is not supported: export the keys it gives", key));
      return {};
    }
  }
  note("no keys");
  return {};
}

}  // namespace

CredentialSearch find_credentials(const S3Options& options, const Variables& variables,
                                  const ProfileFiles& files) {
  CredentialSearch search;
  if (!options.access_key_id.empty() && !options.secret_access_key.empty()) {
    search.credentials =
        Credentials{options.access_key_id, options.secret_access_key, options.session_token};
    return search;
  }
  search.looked_at.emplace_back("S3Options (no access_key_id with secret_access_key)");
  if (options.profile.empty()) {
    const auto id = variables.find("AWS_ACCESS_KEY_ID");
    const auto secret = variables.find("AWS_SECRET_ACCESS_KEY");
    if (id && secret) {
      search.credentials = Credentials{*id, Secret(*secret),
                                       Secret(variables.find("AWS_SESSION_TOKEN").value_or(""))};
      return search;
    }
    search.looked_at.emplace_back(fmt::format("the environment ({} not set)",
                                              id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  }
  const std::string& profile = files.profile;
  search.credentials = from_section(find_section(files.credentials, profile),
                                    fmt::format("{} [{}]", files.credentials_path, profile),
                                    files.credentials.has_value(), search);
  if (search.credentials) return search;
  const IniSection* section = find_section(files.config, "profile " + profile);
  if (section == nullptr && profile == "default") section = find_section(files.config, "default");
  search.credentials =
      from_section(section, fmt::format("{} [profile {}]", files.config_path, profile),
                   files.config.has_value(), search);
  return search;
}

}  // namespace cairn::vfs::s3
