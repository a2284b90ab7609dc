// The kinds of credentials that a file may describe.
// https://cloud.google.com/docs/authentication/application-default-credentials
// https://google.aip.dev/auth/4110
#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"

namespace cairn::vfs::gcs {
namespace {

[[noreturn]] void refuse(const Document& document, const std::string& type) {
  if (document.has("installed") || document.has("web")) {
    throw net::CredentialError(
        fmt::format("{} describes an OAuth client, not credentials", document.place),
        fmt::format("run: gcloud auth application-default login --client-id-file={}",
                    document.place));
  }
  if (type.empty()) {
    throw net::CredentialError(fmt::format("{} has no \"type\"", document.place),
                               "is it the file that the Google Cloud console or gcloud gave?");
  }
  if (type == "gdch_service_account") {
    throw net::CredentialError(
        fmt::format("{} is for Google Distributed Cloud, which is not supported", document.place),
        "use a service account of Google Cloud");
  }
  throw net::CredentialError(
      fmt::format("{} has the type \"{}\", which is not known", document.place, type),
      "known are service_account, authorized_user, external_account, "
      "external_account_authorized_user and impersonated_service_account");
}

}  // namespace

Credentials from_document(const CredentialInputs& inputs, const Document& document,
                          const char* scope) {
  const std::string type = document.text("type");
  Credentials credentials;
  if (type == "service_account") {
    credentials = from_service_account(inputs, document, scope);
  } else if (type == "authorized_user") {
    credentials = from_authorized_user(inputs, document);
  } else if (type == "external_account") {
    credentials = from_external_account(inputs, document);
  } else if (type == "external_account_authorized_user") {
    credentials = from_external_account_user(inputs, document);
  } else if (type == "impersonated_service_account") {
    credentials = from_impersonated_account(inputs, document);
  } else {
    refuse(document, type);
  }
  credentials.kind = type;
  credentials.quota_project = document.text("quota_project_id");
  credentials.universe = document.universe();
  return credentials;
}

}  // namespace cairn::vfs::gcs
