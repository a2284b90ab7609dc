#include "vfs/azure/sas.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vfs/azure/requests.hpp"
#include "vfs/azure/sign.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::azure {
namespace {

/// In the order that Microsoft signs them in; an empty one is signed as an empty line, and does not
/// go into the query.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

/// "/blob/account/container/path": not encoded.
std::string resource_of(const Grant& grant) {
  return fmt::format("/blob/{}/{}/{}", grant.account, grant.container, grant.path.string());
}

/// `identity` is what stands for who signs: a line for the name of a stored policy, which we have
/// none of, or the lines of a delegation key.
Secret sign(const Grant& grant, const Fields& identity, const Secret& key) {
  const auto raw_key = crypto::parse_base64(key.reveal());
  if (!raw_key) return {};
  const std::string expires = net::format_iso8601(grant.expires);
  const std::string protocol = grant.https_only ? "https" : "";
  const std::string resource = grant.version.empty() ? "b" : "bv";
  std::string text = fmt::format("{}\n\n{}\n{}\n", grant.permissions, expires, resource_of(grant));
  for (const auto& [name, value] : identity) text.append(value).append("\n");
  // Next: IP address, protocol, version of the service, kind of resource, snapshot or version of
  // the blob, encryption scope, and five headers of the answer.
  text +=
      fmt::format("\n{}\n{}\n{}\n{}\n\n\n\n\n\n", protocol, kApiVersion, resource, grant.version);
  const std::string signature = crypto::base64(crypto::hmac_sha256(*raw_key, text));
  std::string query;
  const auto add = [&query](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!query.empty()) query += '&';
    query.append(name).append("=").append(net::percent_encode(value));
  };
  add("versionid", grant.version);
  add("sv", kApiVersion);
  add("spr", protocol);
  add("se", expires);
  add("sr", resource);
  add("sp", grant.permissions);
  for (const auto& [name, value] : identity) add(name, value);
  add("sig", signature);
  return query;
}

}  // namespace

std::optional<TimePoint> DelegationKey::end() const {
  return net::parse_iso8601(expires);
}

Secret sign_grant(const Grant& grant, const Secret& account_key) {
  return sign(grant, {{"si", ""}}, account_key);
}

Secret sign_grant(const Grant& grant, const DelegationKey& key) {
  return sign(grant,
              {{"skoid", key.object_id},
               {"sktid", key.tenant_id},
               {"skt", key.starts},
               {"ske", key.expires},
               {"sks", key.service},
               {"skv", key.version},
               {"saoid", ""},  // whose rights are checked,
               {"suoid", ""},  // also by ACLs,
               {"scid", ""}},  // and what the logs call it: ours, as the key says
              key.value);
}

// https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
net::Request delegation_key_request(TimePoint starts, TimePoint expires) {
  return xml_request("POST",
                     fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                 "<KeyInfo><Start>{}</Start><Expiry>{}</Expiry></KeyInfo>",
                                 net::format_iso8601(starts), net::format_iso8601(expires)));
}

std::optional<DelegationKey> parse_delegation_key(std::string body) {
  const auto document = net::XmlDocument::parse(std::move(body));
  if (!document || document->root_name() != "UserDelegationKey") return {};
  const auto text = [&document](const char* name) {
    return std::string(net::child_text(document->root(), name));
  };
  DelegationKey key{.object_id = text("SignedOid"),
                    .tenant_id = text("SignedTid"),
                    .starts = text("SignedStart"),
                    .expires = text("SignedExpiry"),
                    .service = text("SignedService"),
                    .version = text("SignedVersion"),
                    .value = text("Value")};
  if (!key.end() || key.value.empty() || !crypto::parse_base64(key.value.reveal())) return {};
  return key;
}

}  // namespace cairn::vfs::azure
