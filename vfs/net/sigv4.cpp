#include "vfs/net/sigv4.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

/// The parts of an absolute URL.
struct UrlParts {
  std::string_view host;  // with its port
  std::string_view path;
  std::string_view query;
};

UrlParts split_url(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  const std::size_t query = std::min(url.find('?', start), url.size());
  const std::size_t path = std::min(url.find('/', start), query);
  UrlParts parts{url.substr(start, path - start), url.substr(path, query - path), {}};
  if (parts.path.empty()) parts.path = "/";
  if (query < url.size()) parts.query = url.substr(query + 1);
  return parts;
}

/// Sorted by name, then value; "uploads" becomes "uploads=".
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    parameters.emplace_back(parameter.substr(0, equals),
                            parameter.substr(std::min(equals + 1, parameter.size())));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  std::ranges::sort(parameters);
  std::string result;
  for (const auto& [name, value] : parameters) {
    if (!result.empty()) result += '&';
    result.append(name).append("=").append(value);
  }
  return result;
}

/// Inner runs of spaces become one.
void append_folded(std::string& text, std::string_view value) {
  for (const char c : trim(value)) {
    if (c == ' ' && text.ends_with(' ')) continue;
    text += c;
  }
}

bool is_signed(std::string_view name) {
  return name != "authorization" && name != "user-agent" && name != "connection" &&
         name != "expect" && name != "x-amzn-trace-id";
}

}  // namespace

Canonical canonical_request(const Request& request, std::string_view payload_hash) {
  const UrlParts url = split_url(request.url);
  std::vector<std::pair<std::string, std::string_view>> headers;
  headers.emplace_back("host", url.host);
  for (const auto& [name, value] : request.headers) {
    std::string lower = lower_case(name);
    if (is_signed(lower)) headers.emplace_back(std::move(lower), value);
  }
  std::ranges::stable_sort(headers, {}, [](const auto& header) { return header.first; });
  Canonical result;
  std::string lines;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value] = headers[i];
    if (i != 0 && headers[i - 1].first == name) {  // values of one name are joined
      lines.back() = ',';
    } else {
      if (i != 0) result.signed_headers += ';';
      result.signed_headers += name;
      lines.append(name).append(":");
    }
    append_folded(lines, value);
    lines += '\n';
  }
  result.request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, url.path, canonical_query(url.query),
                  lines, result.signed_headers, payload_hash);
  return result;
}

std::string SignatureScope::text() const {
  return fmt::format("{}/{}/{}/{}", day, region, service, version);
}

std::string string_to_sign(std::string_view algorithm, std::string_view time,
                           const SignatureScope& scope, const Canonical& canonical) {
  return fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope.text(),
                     crypto::hex(crypto::sha256(as_bytes(canonical.request))));
}

crypto::Sha256Digest signing_key(const Secret& prefixed, const SignatureScope& scope) {
  auto result = crypto::hmac_sha256(as_bytes(prefixed.reveal()), scope.day);
  result = crypto::hmac_sha256(result, scope.region);
  result = crypto::hmac_sha256(result, scope.service);
  return crypto::hmac_sha256(result, scope.version);
}

std::string signature_header(std::string_view algorithm, std::string_view key_id,
                             const SignatureScope& scope, const Canonical& canonical,
                             std::string_view signature) {
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, key_id,
                     scope.text(), canonical.signed_headers, signature);
}

}  // namespace cairn::vfs::net
