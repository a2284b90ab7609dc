#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vfs/base/shared.hpp"
#include "vfs/s3/credentials/places.hpp"

namespace cairn::vfs::s3 {

Found from_options(CredentialInputs& inputs) {
  const S3Options& options = inputs.services.config.s3;
  if (options.access_key_id.empty() || options.secret_access_key.empty()) {
    return inputs.note("S3Options (no access_key_id with secret_access_key)");
  }
  return Credentials{.access_key_id = options.access_key_id,
                     .secret_access_key = options.secret_access_key,
                     .session_token = options.session_token};
}

Found from_environment(CredentialInputs& inputs) {
  const auto id = inputs.variables.find("AWS_ACCESS_KEY_ID");
  const auto secret = inputs.variables.find("AWS_SECRET_ACCESS_KEY");
  if (!id || !secret) {
    return inputs.note(fmt::format("the environment ({} not set)",
                                   id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  }
  return Credentials{
      .access_key_id = *id,
      .secret_access_key = *secret,
      .session_token = inputs.variables.find("AWS_SESSION_TOKEN").value_or(std::string{})};
}

Credentials find_credentials(const Services& services, const CallOptions& call,
                             const std::shared_ptr<const Credentials>& before) {
  const S3Options& options = services.config.s3;
  const Variables variables(services.config.environment);
  CredentialInputs inputs{.services = services,
                          .variables = variables,
                          .files = load_profile_files(options, variables),
                          .call = call,
                          .before = before};
  // A profile that the program names goes before what the environment happens to hold.
  const bool named = !options.profile.empty();
  if (auto found = from_options(inputs)) return *std::move(found);
  if (!named) {
    if (auto found = from_environment(inputs)) return *std::move(found);
  }
  if (auto found = from_profile_role(inputs)) return *std::move(found);
  if (!named) {
    if (auto found = from_web_identity_environment(inputs)) return *std::move(found);
  }
  if (auto found = from_profile(inputs)) return *std::move(found);
  if (auto found = from_container(inputs)) return *std::move(found);
  if (auto found = from_instance(inputs)) return *std::move(found);
  throw CredentialError(
      fmt::format("there are no credentials. Looked at: {}", fmt::join(inputs.looked_at, "; ")),
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or S3Options::anonymous for public data");
}

std::shared_ptr<CredentialCache> shared_credentials(const Services& services) {
  const auto make = [&services] {
    Services own = services;
    own.shared = nullptr;  // which holds the cache
    return std::make_shared<CredentialCache>(
        services.clock, [own = std::move(own)](const CallOptions& call, const auto& before) {
          return find_credentials(own, call, before);
        });
  };
  return services.shared ? services.shared->get<CredentialCache>("s3", make) : make();
}

}  // namespace cairn::vfs::s3
