// The places that give credentials. Absent: not configured there, which is noted. Configured but
// failing: CredentialError.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/gcs/credentials/inputs.hpp"

namespace cairn::vfs::gcs {

using Found = std::optional<Credentials>;

/// All that the store does.
inline constexpr const char* kStorageScope =
    "https://www.googleapis.com/auth/devstorage.read_write";
/// Also to act and sign in the name of a service account; what may be done is up to IAM.
inline constexpr const char* kPlatformScope = "https://www.googleapis.com/auth/cloud-platform";

/// GcsOptions: a token, or a document as text or file.
[[nodiscard]] Found from_options(CredentialInputs& inputs);
/// GOOGLE_APPLICATION_CREDENTIALS
[[nodiscard]] Found from_environment(CredentialInputs& inputs);
/// What `gcloud auth application-default login` has left.
[[nodiscard]] Found from_gcloud(CredentialInputs& inputs);
/// The metadata server of Compute Engine, GKE, Cloud Run, …
[[nodiscard]] Found from_metadata(CredentialInputs& inputs);
/// The account that its tokens belong to. Throws CredentialError.
[[nodiscard]] std::string metadata_account(const CredentialInputs& inputs);

/// By the "type" of the document. `scope` is what the token shall be good for.
[[nodiscard]] Credentials from_document(const CredentialInputs& inputs, const Document& document,
                                        const char* scope);
[[nodiscard]] Credentials from_service_account(const CredentialInputs& inputs,
                                               const Document& document, const char* scope);
[[nodiscard]] Credentials from_authorized_user(const CredentialInputs& inputs,
                                               const Document& document);
[[nodiscard]] Credentials from_external_account_user(const CredentialInputs& inputs,
                                                     const Document& document);
[[nodiscard]] Credentials from_external_account(const CredentialInputs& inputs,
                                                const Document& document);
[[nodiscard]] Credentials from_impersonated_account(const CredentialInputs& inputs,
                                                    const Document& document);

/// A service account that somebody else acts as.
struct Impersonation {
  std::string url{};  ///< …/serviceAccounts/E-MAIL:generateAccessToken
  std::vector<std::string> delegates{};
  std::chrono::seconds lifetime{3600};
};
/// The document's "service_account_impersonation_url". Throws CredentialError if it is none.
[[nodiscard]] Impersonation parse_impersonation(const CredentialInputs& inputs,
                                                const Document& document);
/// The e-mail in the URL.
[[nodiscard]] std::string account_of(const Impersonation& impersonation);
[[nodiscard]] Credentials impersonate(const CredentialInputs& inputs,
                                      const Impersonation& impersonation,
                                      const Credentials& source);

/// What an external account proves itself with: the token of another identity provider. The first
/// argument after the inputs is the external account, the second a part of it.
[[nodiscard]] Secret subject_token(const CredentialInputs& inputs, const Document& account);
[[nodiscard]] Secret executable_token(const CredentialInputs& inputs, const Document& account,
                                      const Document& executable);
[[nodiscard]] Secret aws_token(const CredentialInputs& inputs, const Document& account,
                               const Document& source);
/// Throws CredentialError unless the URL is https, or plain http to this machine or to a metadata
/// server, or allowed.
void check_source_url(const CredentialInputs& inputs, std::string_view url);

}  // namespace cairn::vfs::gcs
