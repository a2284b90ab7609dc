// https://cloud.google.com/docs/authentication/application-default-credentials
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vfs/base/shared.hpp"
#include "vfs/gcs/credentials/places.hpp"

namespace cairn::vfs::gcs {

Found from_options(CredentialInputs& inputs) {
  const GcsOptions& options = inputs.services.config.gcs;
  if (!options.token.empty()) return Credentials{.token = options.token, .kind = "token"};
  if (!options.credentials_json.empty()) {
    return from_document(
        inputs, parse_document("GcsOptions::credentials_json", options.credentials_json.reveal()),
        kStorageScope);
  }
  if (!options.credentials_file.empty()) {
    return from_document(inputs, read_document(options.credentials_file), kStorageScope);
  }
  return inputs.note("GcsOptions (no token, credentials_json or credentials_file)");
}

Found from_environment(CredentialInputs& inputs) {
  const auto path = inputs.variables.find("GOOGLE_APPLICATION_CREDENTIALS");
  if (!path) return inputs.note("GOOGLE_APPLICATION_CREDENTIALS (not set)");
  return from_document(inputs, read_document(*path), kStorageScope);
}

Found from_gcloud(CredentialInputs& inputs) {
  auto folder = inputs.variables.find("CLOUDSDK_CONFIG");
  if (!folder) folder = home_folder(inputs.variables) + "/.config/gcloud";
  const std::string path = *folder + "/application_default_credentials.json";
  const auto text = net::read_small_file(path);
  if (!text) return inputs.note(fmt::format("{} (no such file)", path));
  return from_document(inputs, parse_document(path, *text), kStorageScope);
}

Credentials find_credentials(const Services& services, const CallOptions& call) {
  CredentialInputs inputs{
      .services = services, .variables = Variables(services.config.environment), .call = call};
  Found found = from_options(inputs);
  if (!found) found = from_environment(inputs);
  if (!found) found = from_gcloud(inputs);
  if (!found) found = from_metadata(inputs);
  if (!found) {
    throw net::CredentialError(
        fmt::format("there are no credentials. Looked at: {}", fmt::join(inputs.looked_at, "; ")),
        "run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or "
        "GcsOptions::anonymous for public data");
  }
  // As with Google's tools, the environment goes before the file.
  if (const auto project = inputs.variables.find("GOOGLE_CLOUD_QUOTA_PROJECT")) {
    found->quota_project = *project;
  }
  return *std::move(found);
}

std::shared_ptr<CredentialCache> shared_credentials(const Services& services) {
  const auto make = [&services] {
    Services own = services;
    own.shared = nullptr;  // which holds the cache
    return std::make_shared<CredentialCache>(
        services.clock, [own = std::move(own)](const CallOptions& call, const auto&) {
          return find_credentials(own, call);
        });
  };
  return services.shared ? services.shared->get<CredentialCache>("gcs", make) : make();
}

}  // namespace cairn::vfs::gcs
