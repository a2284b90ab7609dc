#include "vfs/s3/sign.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

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
  for (const char c : net::trim(value)) {
    if (c == ' ' && text.ends_with(' ')) continue;
    text += c;
  }
}

std::string scope_of(std::string_view day, std::string_view region, std::string_view service) {
  return fmt::format("{}/{}/{}/aws4_request", day, region, service);
}

bool is_signed(std::string_view name) {
  return name != "authorization" && name != "user-agent" && name != "connection" &&
         name != "expect" && name != "x-amzn-trace-id";
}

}  // namespace

Canonical canonical_request(const net::Request& request, std::string_view payload_hash) {
  const UrlParts url = split_url(request.url);
  std::vector<std::pair<std::string, std::string_view>> headers;
  headers.emplace_back("host", url.host);
  for (const auto& [name, value] : request.headers) {
    std::string lower = net::lower_case(name);
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

void Signer::sign(net::Request& request, const Credentials& credentials, std::string_view region,
                  TimePoint now, std::string_view payload_hash) {
  const std::string time = net::format_basic_iso8601(now);
  const std::string_view day = std::string_view(time).substr(0, 8);
  request.headers.set("x-amz-date", time);
  request.headers.remove("x-amz-security-token");
  if (!credentials.session_token.empty()) {
    request.headers.set("x-amz-security-token", credentials.session_token.reveal());
  }
  const auto hash = request.headers.find("x-amz-content-sha256");
  const Canonical canonical = canonical_request(request, hash.value_or(payload_hash));
  request.headers.set(
      "authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, scope_of(day, region, service_),
                  canonical.signed_headers, signature(credentials, region, time, canonical)));
}

void Signer::presign(net::Request& request, const Credentials& credentials, std::string_view region,
                     TimePoint now, std::chrono::seconds expires) {
  const std::string time = net::format_basic_iso8601(now);
  const std::string scope = scope_of(std::string_view(time).substr(0, 8), region, service_);
  const auto add = [&request](std::string_view name, std::string_view value) {
    request.url += request.url.find('?') == std::string::npos ? '?' : '&';
    request.url.append(name).append("=").append(net::percent_encode(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", fmt::format("{}/{}", credentials.access_key_id, scope));
  add("X-Amz-Date", time);
  add("X-Amz-Expires", std::to_string(expires.count()));
  add("X-Amz-SignedHeaders", canonical_request(request, kUnsignedPayload).signed_headers);
  if (!credentials.session_token.empty()) {
    add("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  const Canonical canonical = canonical_request(request, kUnsignedPayload);
  add("X-Amz-Signature", signature(credentials, region, time, canonical));
}

std::string Signer::signature(const Credentials& credentials, std::string_view region,
                              std::string_view time, const Canonical& canonical) {
  const std::string_view day = time.substr(0, 8);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope_of(day, region, service_),
                  crypto::hex(crypto::sha256(as_bytes(canonical.request))));
  return crypto::hex(crypto::hmac_sha256(key(credentials, day, region), text));
}

crypto::Sha256Digest Signer::key(const Credentials& credentials, std::string_view day,
                                 std::string_view region) {
  const std::string scope = fmt::format("{}/{}", day, region);
  LastKey& last = last_.get();
  const std::lock_guard lock(last.mutex);
  if (last.scope == scope && last.credentials == credentials) return last.key;
  const Secret secret("AWS4" + credentials.secret_access_key.reveal());
  auto result = crypto::hmac_sha256(as_bytes(secret.reveal()), day);
  result = crypto::hmac_sha256(result, region);
  result = crypto::hmac_sha256(result, service_);
  result = crypto::hmac_sha256(result, "aws4_request");
  last.key = result;
  last.scope = scope;
  last.credentials = credentials;
  return result;
}

}  // namespace cairn::vfs::s3
