#include "vfs/net/json_web_token.hpp"

#include <string>
#include <utility>

#include "vfs/bytes.hpp"
#include "vfs/crypto/encoding.hpp"

namespace cairn::vfs::net {

Secret sign_json_web_token(const crypto::RsaKey& key, nlohmann::json header,
                           const nlohmann::json& claims) {
  header["alg"] = "RS256";
  header["typ"] = "JWT";
  std::string token = crypto::base64_url(as_bytes(header.dump())) + '.' +
                      crypto::base64_url(as_bytes(claims.dump()));
  const std::string signature = crypto::base64_url(key.sign_sha256(token));
  return Secret(token.append(1, '.').append(signature));
}

}  // namespace cairn::vfs::net
