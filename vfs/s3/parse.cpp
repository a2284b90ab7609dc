#include "vfs/s3/parse.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::vfs::s3 {
namespace {

using net::child_text;
using net::XmlDocument;

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";

std::optional<net::ServiceError> error_in(const std::string& body) {
  const auto document = XmlDocument::parse(body);
  if (!document || document->root_name() != "Error") return {};
  const pugi::xml_node error = document->root();
  return net::ServiceError{.code = std::string(child_text(error, "Code")),
                           .message = std::string(child_text(error, "Message")),
                           .region = std::string(child_text(error, "Region"))};
}

/// Of a response without a usable body (HEAD, proxies).
std::string code_by_status(int status) {
  switch (status) {
    case 301:
      return "PermanentRedirect";
    case 307:
      return "TemporaryRedirect";
    case 412:
      return "PreconditionFailed";
    case 416:
      return "InvalidRange";
    default:
      return {};
  }
}

FileInfo parse_entry(const pugi::xml_node& node, bool url_encoded) {
  FileInfo info;
  for (const pugi::xml_node& field : node.children()) {
    const std::string_view name = field.name();
    const std::string_view value = field.text().get();
    if (name == "Key" || name == "Prefix") {
      info.path = url_encoded ? Path(net::percent_decode_plus(value)) : Path(value);
    } else if (name == "Size") {
      info.size = net::parse_number(value).value_or(0);
    } else if (name == "ETag") {
      info.etag = value;
    } else if (name == "StorageClass") {
      info.storage_class = value == "STANDARD" ? std::string_view() : value;
    } else if (name == "LastModified") {
      info.modified = net::parse_iso8601(value).value_or(TimePoint{});
    }
  }
  return info;
}

bool asks_for_list(const net::Request& request) {
  return request.method == "GET" && request.url.find("list-type=2") != std::string::npos;
}

/// A page that was cut short lacks its end: cheaper than reading a long one twice.
bool has_list_end(std::string_view body) {
  body = body.substr(0, body.find_last_not_of(" \t\r\n") + 1);
  return body.ends_with("</ListBucketResult>");
}

/// What every success has, and an answer that S3 never gave lacks. Empty: nothing.
std::string_view missing_in(const net::Request& request, const net::Response& response) {
  const std::string_view url = request.url;
  const bool has_etag = !response.headers.get("etag").empty();
  const bool plain = url.find('?') == std::string_view::npos;
  if (request.method == "PUT" && (plain || url.find("?partNumber=") != std::string_view::npos)) {
    return has_etag ? "" : "an ETag";
  }
  if (request.method == "HEAD" && plain && !url.ends_with('/')) {  // that is the bucket's
    if (!has_etag) return "an ETag";
    return response.headers.find("content-length") ? "" : "a Content-Length";
  }
  if (request.method != "GET" || !plain || has_etag) return {};
  if (response.status == 206) return "an ETag";  // nothing would tie it to other ranges
  if (response.received != 0) return {};
  return response.body.empty() ? "an ETag and any content" : "";
}

/// A page token of two markers; empty if the answer holds none.
std::string marker_of(const pugi::xml_node& root, const char* second, bool url_encoded) {
  const std::string_view key = child_text(root, "NextKeyMarker");
  if (key.empty()) return {};
  std::string token = url_encoded ? net::percent_decode_plus(key) : std::string(key);
  return token.append(1, kTokenSeparator).append(child_text(root, second));
}

}  // namespace

std::optional<net::ServiceError> examine(const net::Request& request,
                                         const net::Response& response) {
  const bool success = response.status >= 200 && response.status < 300;
  if (success) {
    const bool answers_in_xml = request.method == "POST" ||
                                request.headers.find("x-amz-copy-source").has_value() ||
                                request.url.ends_with("/?location=") ||
                                (asks_for_list(request) && !has_list_end(response.body));
    if (!answers_in_xml) {
      const std::string_view missing = missing_in(request, response);
      if (missing.empty()) return {};
      return net::ServiceError{.code = "MalformedResponse",
                               .message = fmt::format("the server's answer lacks {}", missing)};
    }
    if (auto error = error_in(response.body)) return error;
    const auto document = XmlDocument::parse(response.body);
    if (document && document->root_name().ends_with("Result")) return {};
    if (document && document->root_name() == "LocationConstraint") return {};
    return net::ServiceError{.code = "MalformedResponse",
                             .message = "the server's answer is not the XML that is due"};
  }
  net::ServiceError error = error_in(response.body).value_or(net::ServiceError{});
  if (error.code.empty()) error.code = code_by_status(response.status);
  if (error.region.empty()) error.region = response.headers.get("x-amz-bucket-region");
  return error;
}

std::optional<Checksum> parse_checksum(const net::Headers& headers) {
  constexpr std::array<std::pair<const char*, ChecksumType>, 3> kHeaders{{
      {"x-amz-checksum-crc32c", ChecksumType::crc32c},
      {"x-amz-checksum-crc64nvme", ChecksumType::crc64nvme},
      {"x-amz-checksum-crc32", ChecksumType::crc32},
  }};
  if (headers.get("x-amz-checksum-type") == "COMPOSITE") return {};
  for (const auto& [name, type] : kHeaders) {
    const auto bytes = crypto::parse_base64(headers.get(name));  // "…-3": composite, no base64
    const std::size_t size = type == ChecksumType::crc64nvme ? 8 : 4;
    if (!bytes || bytes->size() != size) continue;
    Checksum checksum{.type = type};
    for (const std::byte byte : *bytes) {
      checksum.value = checksum.value << 8U | std::to_integer<std::uint64_t>(byte);
    }
    return checksum;
  }
  return {};
}

FileInfo parse_info(const Path& path, const net::Headers& headers) {
  FileInfo info{.path = path};
  const auto range = net::parse_content_range(headers.get("content-range"));
  if (range && range->size) {
    info.size = *range->size;
  } else {
    info.size = net::parse_number(headers.get("content-length")).value_or(0);
  }
  info.modified = net::parse_http_date(headers.get("last-modified")).value_or(TimePoint{});
  info.etag = headers.get("etag");
  info.version = headers.get("x-amz-version-id");
  info.content_type = headers.get("content-type");
  info.storage_class = headers.get("x-amz-storage-class");
  if (info.storage_class == "STANDARD") info.storage_class.clear();
  info.checksum = parse_checksum(headers);
  for (const auto& [name, value] : headers) {
    const std::string lower = net::lower_case(name);
    if (!lower.starts_with(kMetadataPrefix)) continue;
    const std::string key = lower.substr(kMetadataPrefix.size());
    if (key != net::kOperationToken) info.metadata.insert_or_assign(key, value);
  }
  return info;
}

std::optional<ListPage> parse_list_page(std::string body) {
  const auto document = XmlDocument::parse(std::move(body));
  if (!document || document->root_name() != "ListBucketResult") return {};
  const pugi::xml_node root = document->root();
  // Some servers ignore encoding-type: only what says so is decoded.
  const bool url_encoded = child_text(root, "EncodingType") == "url";
  ListPage page;
  for (const pugi::xml_node& node : root.children()) {
    const std::string_view name = node.name();
    if (name != "Contents" && name != "CommonPrefixes") continue;
    FileInfo& entry = page.entries.emplace_back(parse_entry(node, url_encoded));
    if (name == "CommonPrefixes") entry.type = FileType::directory;
  }
  if (child_text(root, "IsTruncated") == "true") {
    page.next_page_token = child_text(root, "NextContinuationToken");
    if (page.next_page_token.empty()) return {};  // would look like the end of the list
  }
  return page;
}

std::optional<VersionPage> parse_version_page(std::string body) {
  const auto document = XmlDocument::parse(std::move(body));
  if (!document || document->root_name() != "ListVersionsResult") return {};
  const pugi::xml_node root = document->root();
  const bool url_encoded = child_text(root, "EncodingType") == "url";
  VersionPage page;
  for (const pugi::xml_node& node : root.children()) {
    const std::string_view name = node.name();
    if (name != "Version" && name != "DeleteMarker") continue;
    FileVersion& entry = page.entries.emplace_back();
    entry.info = parse_entry(node, url_encoded);
    entry.info.version = child_text(node, "VersionId");
    entry.latest = child_text(node, "IsLatest") == "true";
    entry.removed = name == "DeleteMarker";
  }
  if (child_text(root, "IsTruncated") == "true") {
    page.next_page_token = marker_of(root, "NextVersionIdMarker", url_encoded);
    if (page.next_page_token.empty()) return {};
  }
  return page;
}

std::optional<UploadPage> parse_upload_page(std::string body) {
  const auto document = XmlDocument::parse(std::move(body));
  if (!document || document->root_name() != "ListMultipartUploadsResult") return {};
  const pugi::xml_node root = document->root();
  const bool url_encoded = child_text(root, "EncodingType") == "url";
  UploadPage page;
  for (const pugi::xml_node& node : root.children("Upload")) {
    const std::string_view started = child_text(node, "Initiated");
    const auto time = net::parse_iso8601(started);
    if (!time) return {};  // what has no age is nothing to judge by its age
    const pugi::xml_node initiator = node.child("Initiator");
    const std::string_view name = child_text(initiator, "DisplayName");
    page.entries.push_back(
        {.path = parse_entry(node, url_encoded).path,
         .id = std::string(child_text(node, "UploadId")),
         .started = *time,
         .initiator = std::string(name.empty() ? child_text(initiator, "ID") : name)});
  }
  if (child_text(root, "IsTruncated") == "true") {
    page.next_page_token = marker_of(root, "NextUploadIdMarker", url_encoded);
    if (page.next_page_token.empty()) return {};
  }
  return page;
}

std::string parse_field(std::string body, const char* name) {
  const auto document = XmlDocument::parse(std::move(body));
  return document ? std::string(child_text(document->root(), name)) : std::string{};
}

std::vector<KeyError> parse_delete_errors(std::string body) {
  std::vector<KeyError> errors;
  const auto document = XmlDocument::parse(std::move(body));
  if (!document) return errors;
  for (const pugi::xml_node& node : document->root().children("Error")) {
    errors.push_back({.key = std::string(child_text(node, "Key")),
                      .code = std::string(child_text(node, "Code")),
                      .message = std::string(child_text(node, "Message"))});
  }
  return errors;
}

}  // namespace cairn::vfs::s3
