// JSON Web Tokens (RFC 7519) signed with RS256, by which a key says who it belongs to: service
// accounts of Google, certificates of Azure's clients.
#pragma once

#include <nlohmann/json.hpp>

#include "vfs/crypto/rsa.hpp"
#include "vfs/secret.hpp"

namespace cairn::vfs::net {

/// The compact form of RFC 7515 section 7.1. `header` gets "alg" and "typ".
[[nodiscard]] Secret sign_json_web_token(const crypto::RsaKey& key, nlohmann::json header,
                                         const nlohmann::json& claims);

}  // namespace cairn::vfs::net
