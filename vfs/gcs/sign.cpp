#include "vfs/gcs/sign.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/crypto/rsa.hpp"
#include "vfs/net/sigv4.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

/// "auto" is the location of all signatures that are bound to none.
net::SignatureScope scope_of(std::string_view time) {
  return {
      .day = time.substr(0, 8), .region = "auto", .service = "storage", .version = "goog4_request"};
}

/// Runs of blanks become one space: "Canonical headers" of the page above.
std::string fold_blanks(std::string_view value) {
  std::string text;
  for (const char c : net::trim(value)) {
    const char blank = c == '\t' ? ' ' : c;
    if (blank == ' ' && text.ends_with(' ')) continue;
    text += blank;
  }
  return text;
}

struct Endpoint {
  std::string scheme;  ///< "https://"
  std::string host;    ///< with the port, if there is one
};

Endpoint split(std::string_view endpoint) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  const std::size_t start = endpoint.find("://") + 3;
  return {std::string(endpoint.substr(0, start)), std::string(endpoint.substr(start))};
}

/// Of an address: "localhost" of "localhost:8080", "[::1]" of "[::1]:80".
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool has_port = colon != host.npos && (bracket == host.npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

std::string path_of(const UrlToSign& what) {
  const std::string object = net::percent_encode(what.object, net::Slash::keep);
  if (what.style != UrlStyle::path) return "/" + object;
  const std::string bucket = "/" + net::percent_encode(what.bucket);
  return what.object.empty() ? bucket : fmt::format("{}/{}", bucket, object);
}

/// Encoded and sorted, as it stands in the URL, too.
std::string join(const Query& query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(net::percent_encode(name), net::percent_encode(value));
  }
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

}  // namespace

PreparedUrl prepare_url(const UrlToSign& what, const UrlSigner& signer) {
  Endpoint endpoint = split(what.endpoint);
  if (what.style == UrlStyle::virtual_host) {
    endpoint.host = fmt::format("{}.{}", what.bucket, endpoint.host);
  }
  const std::string path = path_of(what);
  const std::string time = net::format_basic_iso8601(what.signed_at);
  const net::SignatureScope scope = scope_of(time);

  // The port is no part of what is signed, unlike with AWS.
  const std::string base =
      fmt::format("{}{}{}", endpoint.scheme, without_port(endpoint.host), path);
  net::Request request{.method = what.method, .url = base};
  for (const auto& [name, value] : what.headers) request.headers.add(name, fold_blanks(value));
  const std::string hash(
      request.headers.find("x-goog-content-sha256").value_or("UNSIGNED-PAYLOAD"));

  Query query = what.query;
  query.emplace_back("X-Goog-Algorithm", signer.algorithm);
  query.emplace_back("X-Goog-Credential", fmt::format("{}/{}", signer.id, scope.text()));
  query.emplace_back("X-Goog-Date", time);
  query.emplace_back("X-Goog-Expires", std::to_string(what.expires.count()));
  query.emplace_back("X-Goog-SignedHeaders", net::canonical_request(request, hash).signed_headers);
  const std::string joined = join(query);
  request.url = fmt::format("{}?{}", base, joined);
  const net::Canonical canonical = net::canonical_request(request, hash);
  return {.url = fmt::format("{}{}{}?{}", endpoint.scheme, endpoint.host, path, joined),
          .canonical_request = canonical.request,
          .text = net::string_to_sign(signer.algorithm, time, scope, canonical)};
}

Secret sign_url(const UrlToSign& what, const UrlSigner& signer) {
  PreparedUrl prepared = prepare_url(what, signer);
  const auto signature = signer.sign(prepared.text, what.signed_at);
  return Secret(prepared.url.append("&X-Goog-Signature=").append(crypto::hex(signature)));
}

UrlSigner hmac_signer(std::string access_id, Secret secret) {
  return {.algorithm = "GOOG4-HMAC-SHA256",
          .id = std::move(access_id),
          .sign = [prefixed = Secret("GOOG4" + secret.reveal())](const std::string& text,
                                                                 TimePoint signed_at) {
            const std::string time = net::format_basic_iso8601(signed_at);
            const auto digest =
                crypto::hmac_sha256(net::signing_key(prefixed, scope_of(time)), text);
            return std::vector<std::byte>(digest.begin(), digest.end());
          }};
}

UrlSigner rsa_signer(std::string account, std::shared_ptr<const crypto::RsaKey> key) {
  return {.algorithm = "GOOG4-RSA-SHA256",
          .id = std::move(account),
          .sign = [key = std::move(key)](const std::string& text, TimePoint) {
            return key->sign_sha256(text);
          }};
}

}  // namespace cairn::vfs::gcs
