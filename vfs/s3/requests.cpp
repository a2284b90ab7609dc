#include "vfs/s3/requests.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/error.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::uint32_t kMaxKeys = 1000;

bool is_metadata_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

/// How many bytes the first character takes; 0: it is no UTF-8 (RFC 3629 section 4), or U+FFFE and
/// U+FFFF, which XML 1.0 leaves out.
std::size_t character_size(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  std::uint32_t point = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
    point = point << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t kFirst[]{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  const bool usable = point >= kFirst[size] && point <= 0x10ffff && !surrogate && point != 0xfffe &&
                      point != 0xffff;
  return usable ? size : 0;
}

bool is_xml_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorCode::invalid_argument,
              {.operation = "write",
               .message = std::move(message),
               .hint = "names and values travel as HTTP headers: encode others, e.g. as base64"});
}

}  // namespace

std::string target(const Path& key, Query query) {
  std::string result = "/" + net::percent_encode(key.string(), net::Slash::keep);
  std::ranges::sort(query);
  char separator = '?';
  for (const auto& [name, value] : query) {
    result += separator;
    result += net::percent_encode(name);
    result += '=';
    result += net::percent_encode(value);
    separator = '&';
  }
  return result;
}

std::string list_target(const Path& prefix, const ListOptions& options) {
  Query query{{"list-type", "2"}, {"encoding-type", "url"}};
  query.emplace_back("max-keys",
                     std::to_string(std::clamp<std::uint32_t>(options.page_size, 1, kMaxKeys)));
  if (!prefix.empty()) query.emplace_back("prefix", prefix.string());
  if (!options.recursive) query.emplace_back("delimiter", "/");
  if (!options.page_token.empty()) {
    query.emplace_back("continuation-token", options.page_token);
  } else if (!options.start_after.empty()) {
    query.emplace_back("start-after", options.start_after);
  }
  return target({}, std::move(query));
}

std::string list_marked_target(std::string_view what, const Path& prefix, std::string_view token) {
  Query query{{std::string(what), ""}, {"encoding-type", "url"}};
  query.emplace_back(what == "uploads" ? "max-uploads" : "max-keys", std::to_string(kMaxKeys));
  if (!prefix.empty()) query.emplace_back("prefix", prefix.string());
  if (!token.empty()) {
    const std::size_t cut = std::min(token.find(kTokenSeparator), token.size());
    query.emplace_back("key-marker", token.substr(0, cut));
    const std::string_view second = token.substr(std::min(cut + 1, token.size()));
    if (!second.empty()) {
      query.emplace_back(what == "uploads" ? "upload-id-marker" : "version-id-marker", second);
    }
  }
  return target({}, std::move(query));
}

void add_description(net::Headers& headers, const WriteOptions& options) {
  if (!net::is_visible_ascii(options.content_type)) refuse("the content type is not plain text");
  if (!options.content_type.empty()) headers.set("content-type", options.content_type);
  for (const auto& [name, value] : options.metadata) {
    if (!is_metadata_name(name) || !net::is_visible_ascii(value)) {
      refuse(
          fmt::format("metadata \"{}\" can't be sent: only letters, digits and - _ . are "
                      "allowed in names, and visible ASCII in values",
                      net::is_visible_ascii(name) ? name : "?"));
    }
    headers.set("x-amz-meta-" + net::lower_case(name), value);
  }
}

void add_conditions(net::Headers& headers, const WriteOptions& options) {
  if (options.if_absent) headers.set("if-none-match", "*");
  if (!options.if_match.empty()) headers.set("if-match", options.if_match);
}

net::Request xml_request(std::string method, std::string xml) {
  net::Request request{.method = std::move(method), .has_body = true};
  auto text = std::make_shared<const std::string>(std::move(xml));
  request.headers.set("content-type", "application/xml");
  request.headers.set("x-amz-content-sha256", crypto::hex(crypto::sha256(as_bytes(*text))));
  request.body.append(as_bytes(*text), text);
  return request;
}

net::Request head_request() {
  net::Request request{.method = "HEAD"};
  request.headers.set("x-amz-checksum-mode", "ENABLED");
  return request;
}

std::string multipart_etag(std::span<const Part> parts) {
  std::vector<std::byte> digests;
  for (const Part& part : parts) {
    std::string_view etag = part.etag;
    if (etag.starts_with('"') && etag.ends_with('"') && etag.size() > 1) {
      etag = etag.substr(1, etag.size() - 2);
    }
    const auto digest = crypto::parse_hex(etag);
    if (!digest || digest->size() != crypto::Md5Digest{}.size()) return {};
    digests.insert(digests.end(), digest->begin(), digest->end());
  }
  return fmt::format("\"{}-{}\"", crypto::hex(crypto::md5(digests)), parts.size());
}

std::string complete_xml(std::span<const Part> parts) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fmt::format_to(std::back_inserter(xml), "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag>",
                   i + 1, net::xml_escape(parts[i].etag));
    if (parts[i].crc32c) {
      fmt::format_to(std::back_inserter(xml), "<ChecksumCRC32C>{}</ChecksumCRC32C>",
                     crypto::base64_big_endian(*parts[i].crc32c));
    }
    xml += "</Part>";
  }
  return xml += "</CompleteMultipartUpload>";
}

std::string delete_xml(std::span<const Path> keys) {
  std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const Path& key : keys) {
    xml.append("<Object><Key>").append(net::xml_escape(key.string())).append("</Key></Object>");
  }
  return xml += "</Delete>";
}

bool fits_in_xml(std::string_view key) {
  const bool printable = std::ranges::none_of(key, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  return printable && is_xml_utf8(key);
}

std::string copy_source(std::string_view bucket, const Path& key, std::string_view version) {
  std::string source =
      fmt::format("{}/{}", bucket, net::percent_encode(key.string(), net::Slash::keep));
  if (!version.empty()) source.append("?versionId=").append(net::percent_encode(version));
  return source;
}

}  // namespace cairn::vfs::s3
