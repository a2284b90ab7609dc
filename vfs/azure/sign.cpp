#include "vfs/azure/sign.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::string_view kServicePrefix = "x-ms-";

/// Header names in the service's order: it compares as a person would, without '-', and '_' stands
/// before digits and letters (Microsoft's SDKs carry tables of the same).
std::string sort_key(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c != '-') key += c == '_' ? '!' : c;
  }
  return key;
}

/// Line breaks and runs of blanks become one blank.
void append_folded(std::string& text, std::string_view value) {
  for (const char c : net::trim(value)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && text.ends_with(' ')) continue;
    text += blank ? ' ' : c;
  }
}

std::string canonical_headers(const net::Headers& headers) {
  std::vector<std::pair<std::string, std::string_view>> named;
  for (const auto& [name, value] : headers) {
    std::string lower = net::lower_case(name);
    if (lower.starts_with(kServicePrefix)) named.emplace_back(std::move(lower), value);
  }
  std::ranges::sort(named, {}, [](const auto& header) {
    return std::pair(sort_key(header.first), header.first);
  });
  std::string text;
  for (const auto& [name, value] : named) {
    text.append(name).append(":");
    append_folded(text, value);
    text += '\n';
  }
  return text;
}

/// Of an absolute URL.
struct UrlParts {
  std::string_view path;
  std::string_view query;
};

UrlParts split_url(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  const std::size_t query = std::min(url.find('?', start), url.size());
  const std::size_t path = std::min(url.find('/', start), query);
  UrlParts parts{url.substr(path, query - path), url.substr(std::min(query + 1, url.size()))};
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

/// The path as it is sent, and the query decoded: one line for each name, its values sorted.
std::string canonical_resource(std::string_view account, std::string_view url) {
  const UrlParts parts = split_url(url);
  std::map<std::string, std::vector<std::string>> query;
  for (std::string_view rest = parts.query; !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
    query[net::lower_case(net::percent_decode(parameter.substr(0, equals)))].push_back(
        net::percent_decode(value));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::string text = fmt::format("/{}{}", account, parts.path);
  for (auto& [name, values] : query) {
    std::ranges::sort(values);
    text += fmt::format("\n{}:{}", name, fmt::join(values, ","));
  }
  return text;
}

}  // namespace

std::string string_to_sign(const net::Request& request, std::string_view account) {
  constexpr std::array<const char*, 8> kAfterLength{
      "content-md5",   "content-type",        "date", "if-modified-since", "if-match",
      "if-none-match", "if-unmodified-since", "range"};
  const net::Headers& headers = request.headers;
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, headers.get("content-encoding"),
                                 headers.get("content-language"));
  if (request.body.size() != 0) text += std::to_string(request.body.size());
  text += '\n';
  for (const char* name : kAfterLength) text.append(headers.get(name)).append("\n");
  return text + canonical_headers(headers) + canonical_resource(account, request.url);
}

Secret shared_key_authorization(const net::Request& request, std::string_view account,
                                const Secret& key) {
  const auto bytes = crypto::parse_base64(key.reveal());
  if (!bytes || bytes->empty()) return {};
  const auto signature = crypto::hmac_sha256(*bytes, string_to_sign(request, account));
  return fmt::format("SharedKey {}:{}", account, crypto::base64(signature));
}

void set_date(net::Request& request, TimePoint now) {
  request.headers.set("x-ms-date", net::format_http_date(now));
}

}  // namespace cairn::vfs::azure
