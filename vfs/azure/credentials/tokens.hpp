// Tokens of Microsoft Entra ID: which ones we ask for, and what an answer holds. Pure.
#pragma once

#include <string>
#include <string_view>

#include "vfs/azure/credentials.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// Storage has one name in all clouds.
/// https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory
inline constexpr std::string_view kResource = "https://storage.azure.com";
inline constexpr std::string_view kScope = "https://storage.azure.com/.default";

/// Who gives tokens for an account in the cloud of `host`: "https://login.microsoftonline.com".
[[nodiscard]] std::string authority_of(std::string_view host);

/// A token out of a JSON answer. Its end is "expires_on" (seconds since 1970) or "expires_in"
/// (seconds from now), either as number or text. Throws net::CredentialError, naming `place`.
[[nodiscard]] Credentials parse_token(std::string_view text, TimePoint now, std::string_view place);

/// Visible ASCII, as a header takes it.
[[nodiscard]] bool is_token(std::string_view text);
/// A tenant's ID or one of its domains; anything else has no business in a URL.
[[nodiscard]] bool is_tenant(std::string_view text);

}  // namespace cairn::vfs::azure
