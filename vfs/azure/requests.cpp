#include "vfs/azure/requests.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/error.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::azure {
namespace {

/// The service gives 5000, but what it says about them must stay readable: see net/xml_scan.hpp.
constexpr std::uint32_t kMaxResults = 4000;
constexpr std::size_t kTokenPart = 16;  // of a token, in the names of blocks

/// Identifiers of C#, as far as headers can carry them.
bool is_metadata_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
  });
}

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorCode::invalid_argument,
              {.operation = "write",
               .message = std::move(message),
               .hint = "names and values travel as HTTP headers: encode others, e.g. as base64"});
}

void set_property(net::Headers& headers, std::string_view name, std::string_view value) {
  if (!net::is_visible_ascii(value)) refuse(fmt::format("the value of {} is not plain text", name));
  if (!value.empty()) headers.set(name, value);
}

}  // namespace

std::string target(std::string_view container, const Path& key, const Query& query) {
  std::string result = "/" + net::percent_encode(container);
  // "$root" and the like stand as they are in Microsoft's examples; both are the same name.
  if (!key.empty()) result.append("/").append(net::percent_encode(key.string(), net::Slash::keep));
  char separator = '?';
  for (const auto& [name, value] : query) {
    result += separator;
    result.append(net::percent_encode(name)).append("=").append(net::percent_encode(value));
    separator = '&';
  }
  return result;
}

std::string list_target(std::string_view container, const Path& prefix,
                        const ListOptions& options) {
  Query query{{"restype", "container"}, {"comp", "list"}, {"include", "metadata"}};
  query.emplace_back("maxresults",
                     std::to_string(std::clamp<std::uint32_t>(options.page_size, 1, kMaxResults)));
  if (!prefix.empty()) query.emplace_back("prefix", prefix.string());
  if (!options.recursive) query.emplace_back("delimiter", "/");
  if (!options.page_token.empty()) query.emplace_back("marker", options.page_token);
  return target(container, {}, query);
}

void add_description(net::Headers& headers, const WriteOptions& options, std::string_view tier) {
  set_property(headers, "x-ms-blob-content-type", options.content_type);
  set_property(headers, "x-ms-blob-cache-control", options.cache_control);
  set_property(headers, "x-ms-blob-content-disposition", options.content_disposition);
  set_property(headers, "x-ms-blob-content-encoding", options.content_encoding);
  set_property(headers, "x-ms-access-tier",
               options.storage_class.empty() ? tier : options.storage_class);
  std::string tags;
  for (const auto& [name, value] : options.tags) {
    if (!tags.empty()) tags += '&';
    tags.append(net::percent_encode(name)).append("=").append(net::percent_encode(value));
  }
  if (!tags.empty()) headers.set("x-ms-tags", tags);
  for (const auto& [name, value] : options.metadata) {
    if (!is_metadata_name(name) || !net::is_visible_ascii(value)) {
      refuse(
          fmt::format("metadata \"{}\" can't be sent: on Azure only letters, digits and '_' are "
                      "allowed in names, which begin with no digit, and visible ASCII in values",
                      net::is_visible_ascii(name) ? name : "?"));
    }
    headers.set(std::string(kMetadataPrefix) + net::lower_case(name), value);
  }
}

void add_conditions(net::Headers& headers, const WriteOptions& options) {
  if (options.if_absent) headers.set("if-none-match", "*");
  if (!options.if_match.empty()) headers.set("if-match", options.if_match);
}

std::string checksum_value(std::uint64_t crc64, std::uint64_t size) {
  return fmt::format("{:016x}-{}", crc64, size);
}

std::string block_id(std::string_view token, std::uint32_t index) {
  return crypto::base64(as_bytes(fmt::format("{}-{:07}", token.substr(0, kTokenPart), index)));
}

net::Request xml_request(std::string method, std::string xml) {
  net::Request request{.method = std::move(method), .has_body = true};
  auto text = std::make_shared<const std::string>(std::move(xml));
  request.headers.set("content-type", "application/xml");
  request.body.append(as_bytes(*text), text);
  return request;
}

/// "Latest": of two blocks of one name that which was sent last, so that a list may be sent again.
std::string block_list_xml(std::span<const std::string> ids) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  for (const std::string& id : ids) xml.append("<Latest>").append(id).append("</Latest>");
  return xml += "</BlockList>";
}

}  // namespace cairn::vfs::azure
