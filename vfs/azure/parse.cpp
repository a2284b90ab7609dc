#include "vfs/azure/parse.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/requests.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"
#include "vfs/net/xml_reader.hpp"

namespace cairn::vfs::azure {
namespace {

using net::child_text;
using net::XmlDocument;

/// XML of Azure begins with a byte order mark.
std::optional<XmlDocument> parse_xml(std::string body) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (body.starts_with(kMark)) body.erase(0, kMark.size());
  return XmlDocument::parse(std::move(body));
}

/// "The specified blob does not exist.\nRequestId:…\nTime:…": the id is told elsewhere.
std::string first_line(std::string_view message) {
  return std::string(net::trim(message.substr(0, message.find_first_of("\r\n"))));
}

/// Why a signature was refused. What it was computed from is left out: it may hold a SAS.
std::string detail_of(const pugi::xml_node& error) {
  const std::string_view detail = child_text(error, "AuthenticationErrorDetail");
  return detail.find("time frame") == detail.npos ? std::string() : first_line(detail);
}

net::ServiceError error_in(const std::string& body) {
  net::ServiceError result;
  if (const auto json = net::parse_json_object(body)) {
    const auto error = json->find("error");
    if (error == json->end() || !error->is_object()) return result;
    result.code = net::json_text(*error, "code");
    result.message = first_line(net::json_text(*error, "message"));
    return result;
  }
  const auto document = parse_xml(body);
  if (!document || document->root_name() != "Error") return result;
  const pugi::xml_node error = document->root();
  result.code = child_text(error, "Code");
  result.message = first_line(child_text(error, "Message"));
  if (const std::string detail = detail_of(error); !detail.empty()) {
    result.message += " " + detail;
  }
  return result;
}

/// Of a response that names none.
std::string code_by_status(int status) {
  switch (status) {
    case 304:
    case 412:
      return "ConditionNotMet";
    case 416:
      return "InvalidRange";
    default:
      return {};
  }
}

bool has_parameter(std::string_view url, std::string_view parameter) {
  const std::size_t query = url.find('?');
  return query != url.npos && url.find(parameter, query) != url.npos;
}

/// A page that was cut short lacks its end: cheaper than reading a long one twice.
bool has_list_end(std::string_view body) {
  body = body.substr(0, body.find_last_not_of(" \t\r\n") + 1);
  return body.ends_with("</EnumerationResults>");
}

/// What every success has, and an answer that Azure never gave lacks. Empty: nothing.
std::string_view missing_in(const net::Request& request, const net::Response& response) {
  const std::string_view url = request.url;
  const net::Headers& headers = response.headers;
  const bool has_etag = !headers.get("etag").empty();
  if (has_parameter(url, "comp=list")) {
    return has_list_end(response.body) ? "" : "the end of the list";
  }
  if (has_parameter(url, "comp=block&") || request.method == "DELETE") {
    return headers.find("x-ms-request-id") ? "" : "the ID of the request";
  }
  if (has_parameter(url, "restype=") || has_parameter(url, "comp=batch") ||
      has_parameter(url, "resource=") || has_parameter(url, "action=") ||
      has_parameter(url, "mode=")) {
    return {};  // who asked looks at these
  }
  if (request.method == "PUT") return has_etag ? "" : "an ETag";
  if (request.method == "HEAD") {
    if (!has_etag) return "an ETag";
    return headers.find("content-length") ? "" : "a Content-Length";
  }
  if (request.method != "GET" || has_etag) return {};
  if (response.status == 206) return "an ETag";  // nothing would tie it to other ranges
  if (response.received != 0) return {};
  return response.body.empty() ? "an ETag and any content" : "";
}

bool is_true(std::string_view text) {
  return net::equal_ignoring_case(text, "true");
}

/// "00c1a2…-1024", of a content of that size; absent: it is of another content.
std::optional<Checksum> parse_checksum_value(std::string_view text, std::uint64_t size) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  Checksum checksum{.type = ChecksumType::crc64nvme};
  const char* end = text.data() + dash;
  const auto [stop, failure] = std::from_chars(text.data(), end, checksum.value, 16);
  if (failure != std::errc() || stop != end || dash != 16 || dash == text.size()) return {};
  if (net::parse_number(text.substr(dash + 1)) != size) return {};
  return checksum;
}

std::uint64_t size_of(const net::Headers& headers) {
  const auto range = net::parse_content_range(headers.get("content-range"));
  if (range && range->size) return *range->size;
  return net::parse_number(headers.get("content-length")).value_or(0);
}

/// "bytes 10-9/10": how Azurite answers to a range that begins where the blob ends, to which the
/// service says InvalidRange.
bool is_past_the_end(const net::Response& response) {
  const net::Headers& headers = response.headers;
  return response.status == 206 && headers.get("content-length") == "0" &&
         headers.find("content-range");
}

/// At a <Name>.
std::string read_name(net::XmlReader& xml) {
  const bool encoded = is_true(xml.attribute("Encoded"));
  return encoded ? net::percent_decode(xml.text()) : std::string(xml.text());
}

/// Headers quote an etag, lists do not.
std::string quoted(std::string_view etag) {
  return etag.empty() || etag.ends_with('"') ? std::string(etag) : fmt::format("\"{}\"", etag);
}

/// A blob or a prefix of a list, as it is read.
struct Entry {
  FileInfo info{};
  std::string name{};
  std::string checksum{};
  bool folder{false};
  bool usual_tier{false};
};

void read_properties(net::XmlReader& xml, Entry& entry) {
  FileInfo& info = entry.info;
  xml.enter();
  while (const auto name = xml.next_element()) {
    if (*name == "Content-Length") {
      info.size = net::parse_number(xml.text()).value_or(0);
    } else if (*name == "Etag") {
      info.etag = quoted(xml.text());
    } else if (*name == "Last-Modified") {
      info.modified = net::parse_http_date(xml.text()).value_or(TimePoint{});
    } else if (*name == "Content-Type") {
      info.content_type = xml.text();
    } else if (*name == "AccessTier") {
      info.storage_class = xml.text();
    } else if (*name == "AccessTierInferred") {
      entry.usual_tier = is_true(xml.text());
    } else if (*name == "ResourceType") {
      entry.folder |= xml.text() == "directory";
    }
  }
}

void read_metadata(net::XmlReader& xml, Entry& entry) {
  xml.enter();
  while (const auto element = xml.next_element()) {
    const std::string name = net::lower_case(*element);
    const std::string_view value = xml.text();
    if (name == kChecksumName) {
      entry.checksum = value;
    } else if (name == kFolderName) {
      entry.folder |= is_true(value);
    } else if (name != kTokenName) {
      entry.info.metadata.insert_or_assign(name, value);
    }
  }
}

/// Absent: it has no name.
std::optional<FileInfo> read_entry(net::XmlReader& xml, FileType type) {
  Entry entry{.info = {.type = type}};
  xml.enter();
  while (const auto name = xml.next_element()) {
    if (*name == "Name") {
      entry.name = read_name(xml);
    } else if (*name == "Properties" && type == FileType::file) {
      read_properties(xml, entry);
    } else if (*name == "Metadata") {
      read_metadata(xml, entry);
    }
  }
  if (entry.name.empty()) return {};
  if (entry.folder && !entry.name.ends_with('/')) entry.name += '/';
  if (entry.usual_tier) entry.info.storage_class.clear();
  entry.info.checksum = parse_checksum_value(entry.checksum, entry.info.size);
  entry.info.path = Path(std::move(entry.name));
  return std::move(entry.info);
}

/// False: one of them is not what it should be.
bool read_entries(net::XmlReader& xml, ListPage& page) {
  xml.enter();
  while (const auto name = xml.next_element()) {
    if (*name != "Blob" && *name != "BlobPrefix") continue;
    auto info = read_entry(xml, *name == "Blob" ? FileType::file : FileType::directory);
    if (!info) return false;
    page.entries.push_back(*std::move(info));
  }
  return true;
}

}  // namespace

net::ServiceError parse_error(const net::Response& response) {
  net::ServiceError error = error_in(response.body);
  if (const auto code = response.headers.find("x-ms-error-code")) error.code = *code;
  // Azurite has no code of its own for bytes that were damaged on their way; they are sent again.
  if (response.status == 400 &&
      error.message.find("contentMD5 doesn't match") != std::string::npos) {
    error.code = "Md5Mismatch";
  }
  if (error.code.empty()) error.code = code_by_status(response.status);
  if (const auto cause = response.headers.find("x-ms-copy-source-error-code")) {
    error.message += fmt::format(" (the source: {})", *cause);
  }
  return error;
}

std::optional<net::ServiceError> examine(const net::Request& request,
                                         const net::Response& response) {
  if (is_past_the_end(response)) return net::ServiceError{.code = "InvalidRange"};
  if (response.status >= 200 && response.status < 300) {
    const std::string_view missing = missing_in(request, response);
    if (missing.empty()) return {};
    return net::ServiceError{.code = "MalformedResponse",
                             .message = fmt::format("the server's answer lacks {}", missing)};
  }
  return parse_error(response);
}

std::optional<Checksum> parse_checksum(const net::Headers& headers) {
  return parse_checksum_value(headers.get(kChecksumHeader), size_of(headers));
}

Metadata parse_metadata(const net::Headers& headers) {
  Metadata metadata;
  for (const auto& [name, value] : headers) {
    const std::string lower = net::lower_case(name);
    if (!lower.starts_with(kMetadataPrefix)) continue;
    metadata.insert_or_assign(lower.substr(kMetadataPrefix.size()), value);
  }
  return metadata;
}

FileInfo parse_info(const Path& path, const net::Headers& headers) {
  FileInfo info{.path = path};
  info.size = size_of(headers);
  info.modified = net::parse_http_date(headers.get("last-modified")).value_or(TimePoint{});
  info.etag = headers.get("etag");
  info.version = headers.get("x-ms-version-id");
  info.content_type = headers.get("content-type");
  if (!is_true(headers.get("x-ms-access-tier-inferred"))) {
    info.storage_class = headers.get("x-ms-access-tier");
  }
  info.checksum = parse_checksum(headers);
  info.metadata = parse_metadata(headers);
  for (const std::string_view hidden : {kTokenName, kChecksumName}) {
    info.metadata.erase(std::string(hidden));
  }
  return info;
}

bool is_folder(const net::Headers& headers) {
  return is_true(headers.get(fmt::format("{}{}", kMetadataPrefix, kFolderName))) ||
         headers.get("x-ms-resource-type") == "directory";
}

std::optional<ListPage> parse_list_page(std::string_view body) {
  net::XmlReader xml(body);
  ListPage page;
  bool is_list = false;
  if (xml.next_element() != "EnumerationResults") return {};
  xml.enter();
  while (const auto name = xml.next_element()) {
    if (*name == "Blobs") {
      is_list = read_entries(xml, page);
      if (!is_list) return {};
    } else if (*name == "NextMarker") {
      page.next_page_token = xml.text();
    }
  }
  if (!xml.finish() || !is_list) return {};
  return page;
}

CopyState parse_copy_state(const net::Headers& headers) {
  return {.id = std::string(headers.get("x-ms-copy-id")),
          .status = std::string(headers.get("x-ms-copy-status")),
          .description = std::string(headers.get("x-ms-copy-status-description"))};
}

}  // namespace cairn::vfs::azure
