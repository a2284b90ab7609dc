#include "vfs/azure/sas_url.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace cairn::vfs::azure {
namespace {

constexpr std::chrono::seconds kLongest = std::chrono::days(7);  // also of a delegation key
constexpr std::chrono::minutes kClocks{15};                      // by which two may differ

}  // namespace

Secret UrlSigner::sign(const Path& path, const SignOptions& options) {
  const Grant granted = grant(path, options);
  const auto held = connection_->held_credentials("sign", path, options.call);
  if (!held || (held->key.empty() && held->token.empty() && held->sas.empty())) {
    connection_->fail("sign", path, ErrorCode::unauthenticated,
                      "an anonymous user can't sign a URL",
                      "set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, or another identity "
                      "(az login)");
  }
  if (!held->sas.empty()) {
    connection_->fail("sign", path, ErrorCode::unsupported,
                      "a shared access signature can't sign another one",
                      "give the key of the account, or an identity: a client secret, a managed "
                      "identity, az login");
  }
  const Secret query = held->key.empty() ? sign_grant(granted, delegation_key(granted, options))
                                         : sign_grant(granted, held->key);
  return fmt::format("{}{}?{}", connection_->config().endpoint, connection_->target(path),
                     query.reveal());
}

Grant UrlSigner::grant(const Path& path, const SignOptions& options) const {
  if (options.expires < std::chrono::seconds(1) || options.expires > kLongest) {
    connection_->fail("sign", path, ErrorCode::invalid_argument,
                      "a signed URL is good for 1 s to 7 days");
  }
  const bool put = options.method == SignMethod::put;
  if (!options.if_match.empty() || (put && !options.content_type.empty())) {
    connection_->fail("sign", path, ErrorCode::unsupported,
                      "Azure's signed URLs can demand neither an etag nor a content type",
                      "leave if_match and content_type out");
  }
  const ContainerConfig& config = connection_->config();
  const TimePoint from = options.signed_at.value_or(connection_->server_now());
  return {.account = config.account,
          .container = config.container,
          .path = path,
          // "c" alone creates a blob, and replaces none.
          .permissions = !put                ? "r"
                         : options.if_absent ? "c"
                                             : "cw",
          .expires = from + options.expires,
          .version = put ? std::string() : options.version,
          .https_only = config.endpoint.starts_with("https://")};
}

DelegationKey UrlSigner::delegation_key(const Grant& grant, const SignOptions& options) {
  Held& held = held_.get();
  {
    const std::lock_guard lock(held.mutex);
    if (held.key && *held.key->end() >= grant.expires) return *held.key;
  }
  const TimePoint now = connection_->server_now();
  if (grant.expires > now + kLongest) {
    connection_->fail("sign", grant.path, ErrorCode::invalid_argument,
                      "what a token signs is good until 7 days from now at most");
  }
  // As early as it may, for clocks that are slow; but whoever wants 7 days has them.
  const bool whole = grant.expires > now + kLongest - kClocks;
  const TimePoint starts = whole ? now : now - kClocks;
  net::Response response =
      connection_->require({.operation = "sign",
                            .target = "/?restype=service&comp=userdelegationkey",
                            .request = delegation_key_request(starts, starts + kLongest),
                            .options = options.call},
                           grant.path);
  auto key = parse_delegation_key(std::move(response.body));
  if (!key || *key->end() < grant.expires) {
    connection_->fail("sign", grant.path, ErrorCode::corrupt,
                      "the server's answer is not the key that was asked for");
  }
  const std::lock_guard lock(held.mutex);
  held.key = key;
  return *std::move(key);
}

}  // namespace cairn::vfs::azure
