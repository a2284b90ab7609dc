#include "vfs/gcs/parse.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/json_reader.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::json_text;
using Json = nlohmann::json;

constexpr std::string_view kMetadataPrefix = "x-goog-meta-";

/// What the answer to a request has to be.
enum class Kind { media, json, session, chunk, part, xml, nothing };

Kind kind_of(const net::Request& request) {
  const std::string_view url = request.url;
  const auto asks = [url](std::string_view parameter) {
    const std::size_t at = url.find(parameter);
    return at != std::string_view::npos && (url[at - 1] == '?' || url[at - 1] == '&');
  };
  if (asks("upload_id=")) return Kind::chunk;
  if (asks("uploads=") || asks("uploadId=")) {
    if (request.method == "PUT") return Kind::part;
    return request.method == "POST" ? Kind::xml : Kind::nothing;
  }
  if (request.method == "DELETE" || url.ends_with("/batch/storage/v1")) return Kind::nothing;
  if (asks("alt=media")) return Kind::media;
  return asks("uploadType=resumable") ? Kind::session : Kind::json;
}

net::ServiceError malformed(std::string_view what) {
  return {.code = "MalformedResponse",
          .message = fmt::format("the server's answer lacks {}", what)};
}

bool is_resource(std::string_view body) {
  // Looking at it once more is cheaper than parsing a long page twice.
  const std::size_t end = body.find_last_not_of(" \t\r\n");
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || body[begin] != '{' || body[end] != '}') return false;
  constexpr std::string_view kKind = "\"storage#";
  const std::string_view kind = body.substr(std::min(body.find(kKind), body.size()));
  if (kind.starts_with("\"storage#objects\"")) return true;  // of lists, which are long
  if (body.find("\"storage#object\"") != std::string_view::npos) {
    return body.find("\"generation\"") != std::string_view::npos;
  }
  return body.find("\"storage#") != std::string_view::npos;
}

std::optional<net::ServiceError> missing_in(Kind kind, const net::Response& response) {
  const bool has_generation = !response.headers.get("x-goog-generation").empty();
  switch (kind) {
    case Kind::media:
      // Nothing would tie it to other ranges; an answer that GCS never gave has neither.
      if (has_generation) return {};
      return malformed("a generation");
    case Kind::json:
      if (is_resource(response.body)) return {};
      return malformed("the JSON that is due");
    case Kind::session:
      if (response.headers.find("location")) return {};
      return malformed("a Location");
    case Kind::chunk:
      if (response.status == 308 || is_resource(response.body)) return {};
      return malformed("the JSON that is due");
    case Kind::part:
      if (!response.headers.get("etag").empty()) return {};
      return malformed("an ETag");
    case Kind::xml: {
      const auto document = net::XmlDocument::parse(response.body);
      if (document && document->root_name() == "Error") {
        return parse_error(response.status, response.body);
      }
      if (document && document->root_name().ends_with("Result")) return {};
      return malformed("the XML that is due");
    }
    case Kind::nothing:
      break;
  }
  return {};
}

std::string code_by_status(int status) {
  switch (status) {
    case 404:
      return "notFound";
    case 412:
      return "conditionNotMet";
    default:
      return {};
  }
}

std::optional<std::uint32_t> parse_crc32c(std::string_view text) {
  const auto bytes = crypto::parse_base64(text);
  if (!bytes || bytes->size() != 4) return {};
  std::uint32_t value = 0;
  for (const std::byte byte : *bytes) value = value << 8U | std::to_integer<std::uint32_t>(byte);
  return value;
}

constexpr std::array<std::string_view, 7> kFields{
    "contentType", "crc32c", "generation", "name", "size", "storageClass", "updated"};

bool is_field(std::string_view name) {
  return std::ranges::find(kFields, name) != kFields.end();
}

/// One of kFields, whose values are texts.
void take_field(Object& object, std::string_view name, std::string_view value) {
  FileInfo& info = object.info;
  if (name == "name") {
    info.path = Path(value);
  } else if (name == "size") {
    info.size = net::parse_number(value).value_or(0);
  } else if (name == "generation") {
    info.etag = info.version = value;
  } else if (name == "updated") {
    info.modified = net::parse_iso8601(value).value_or(TimePoint{});
  } else if (name == "contentType") {
    info.content_type = value;
  } else if (name == "storageClass" && value != "STANDARD") {
    info.storage_class = value;
  } else if (const auto crc = name == "crc32c" ? parse_crc32c(value) : std::nullopt) {
    info.checksum = Checksum{.type = ChecksumType::crc32c, .value = *crc};
  }
}

void take_metadata(Object& object, std::string_view name, std::string value) {
  const std::string lower = net::lower_case(name);  // some servers keep them as headers
  if (lower == net::kOperationToken) {
    object.token = std::move(value);
  } else {
    object.info.metadata.insert_or_assign(lower, std::move(value));
  }
}

Object object_of(const Json& resource) {
  Object object;
  for (const auto& [name, value] : resource.items()) {
    if (value.is_string()) take_field(object, name, value.get_ref<const std::string&>());
  }
  const auto metadata = resource.find("metadata");
  if (metadata == resource.end() || !metadata->is_object()) return object;
  for (const auto& [name, value] : metadata->items()) {
    if (value.is_string()) take_metadata(object, name, value.get<std::string>());
  }
  return object;
}

/// The object that comes now. One without a name is none.
std::optional<FileInfo> read_object(net::JsonReader& json) {
  Object object;
  json.enter_object();
  while (const auto name = json.next_member()) {
    if (*name == "metadata") {
      json.enter_object();
      while (const auto key = json.next_member()) {
        take_metadata(object, *key, std::string(json.text()));
      }
    } else if (is_field(*name)) {
      take_field(object, *name, json.text());
    }
  }
  if (object.info.path.empty()) return {};
  return std::move(object.info);
}

/// The members of an array of the answer; empty if there is none.
const Json& array_of(const Json& answer, const char* name) {
  static const Json kNone = Json::array();
  const auto found = answer.find(name);
  return found != answer.end() && found->is_array() ? *found : kNone;
}

}  // namespace

net::ServiceError parse_error(int status, std::string_view body) {
  net::ServiceError error;
  if (const auto answer = net::parse_json_object(body)) {
    const auto nested = answer->find("error");
    if (nested != answer->end() && nested->is_object()) {
      error.message = json_text(*nested, "message");
      const Json& list = array_of(*nested, "errors");
      if (!list.empty() && list.front().is_object()) error.code = json_text(list.front(), "reason");
    }
  } else if (const auto document = net::XmlDocument::parse(std::string(body))) {
    error.code = net::child_text(document->root(), "Code");
    error.message = net::child_text(document->root(), "Message");
  }
  // GCS says "invalid" of many things; bytes that were damaged on their way are sent again.
  if (status == 400 && error.message.find("doesn't match calculated") != std::string::npos) {
    error.code = "BadDigest";
  }
  if (error.code.empty()) error.code = code_by_status(status);
  return error;
}

std::optional<net::ServiceError> examine(const net::Request& request,
                                         const net::Response& response) {
  const Kind kind = kind_of(request);
  const bool success = response.status >= 200 && response.status < 300;
  if (success || (kind == Kind::chunk && response.status == 308)) return missing_in(kind, response);
  return parse_error(response.status, response.body);
}

std::optional<Checksum> parse_checksum(const net::Headers& headers) {
  constexpr std::string_view kName = "crc32c=";
  for (const auto& [name, value] : headers) {  // one header with a comma, or two of them
    if (!net::equal_ignoring_case(name, "x-goog-hash")) continue;
    const std::size_t at = value.find(kName);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + kName.size();
    const std::string_view text =
        std::string_view(value).substr(begin, value.find(',', begin) - begin);
    if (const auto crc = parse_crc32c(net::trim(text))) {
      return Checksum{.type = ChecksumType::crc32c, .value = *crc};
    }
  }
  return {};
}

std::string parse_version(const net::Headers& headers) {
  return std::string(headers.get("x-goog-generation"));
}

FileInfo parse_info(const Path& path, const net::Headers& headers) {
  FileInfo info{.path = path};
  const auto range = net::parse_content_range(headers.get("content-range"));
  const auto stored = net::parse_number(headers.get("x-goog-stored-content-length"));
  if (range && range->size) {
    info.size = *range->size;
  } else {
    info.size = stored ? *stored : net::parse_number(headers.get("content-length")).value_or(0);
  }
  info.modified = net::parse_http_date(headers.get("last-modified")).value_or(TimePoint{});
  info.etag = parse_version(headers);
  info.version = info.etag;
  info.content_type = headers.get("content-type");
  info.storage_class = headers.get("x-goog-storage-class");
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

std::optional<Object> parse_object(std::string_view body) {
  const auto answer = net::parse_json_object(body);
  if (!answer) return {};
  Object object = object_of(*answer);
  if (object.info.path.empty() || object.info.etag.empty()) return {};
  return object;
}

Json parse_description(std::string_view body) {
  Json description = Json::object();
  const auto answer = net::parse_json_object(body);
  if (!answer) return description;
  for (const char* name : {"contentType", "cacheControl", "contentDisposition", "contentEncoding",
                           "contentLanguage", "customTime", "metadata"}) {
    if (const auto found = answer->find(name); found != answer->end()) description[name] = *found;
  }
  if (const auto metadata = description.find("metadata"); metadata != description.end()) {
    metadata->erase(std::string(net::kOperationToken));  // of the write that made the source
  }
  return description;
}

/// Files before directories come from the service, each sorted; here they are one list. Read
/// without a tree, which would cost several times as much.
std::optional<ListPage> parse_list_page(std::string_view body) {
  net::JsonReader json(body);
  ListPage page;
  std::vector<FileInfo> prefixes;
  bool is_list = false;
  json.enter_object();
  while (const auto name = json.next_member()) {
    if (*name == "kind") {
      is_list = json.text() == "storage#objects";
    } else if (*name == "nextPageToken") {
      page.next_page_token = json.text();
    } else if (*name == "prefixes") {
      json.enter_array();
      while (json.next_element()) {
        prefixes.push_back({.path = Path(json.text()), .type = FileType::directory});
      }
    } else if (*name == "items") {
      json.enter_array();
      while (json.next_element()) {
        auto info = read_object(json);
        if (!info) return {};
        page.entries.push_back(*std::move(info));
      }
    }
  }
  if (!json.finish() || !is_list) return {};
  const auto files = std::ssize(page.entries);
  std::ranges::move(prefixes, std::back_inserter(page.entries));
  std::ranges::inplace_merge(page.entries, page.entries.begin() + files, {}, &FileInfo::path);
  return page;
}

std::optional<VersionPage> parse_version_page(std::string_view body) {
  const auto answer = net::parse_json_object(body);
  if (!answer || json_text(*answer, "kind") != "storage#objects") return {};
  VersionPage page;
  for (const Json& item : array_of(*answer, "items")) {
    if (!item.is_object()) return {};
    page.entries.push_back(
        {.info = object_of(item).info, .latest = json_text(item, "timeDeleted").empty()});
  }
  page.next_page_token = json_text(*answer, "nextPageToken");
  return page;
}

std::optional<Rewrite> parse_rewrite(std::string_view body) {
  const auto answer = net::parse_json_object(body);
  if (!answer || json_text(*answer, "kind") != "storage#rewriteResponse") return {};
  Rewrite rewrite{.token = json_text(*answer, "rewriteToken")};
  const auto done = answer->find("done");
  rewrite.done = done != answer->end() && done->is_boolean() && done->get<bool>();
  if (!rewrite.done) return rewrite.token.empty() ? std::nullopt : std::optional(rewrite);
  const auto resource = answer->find("resource");
  if (resource == answer->end() || !resource->is_object()) return {};
  rewrite.object = object_of(*resource);
  return rewrite;
}

std::string parse_field(std::string body, const char* name) {
  const auto document = net::XmlDocument::parse(std::move(body));
  return document ? std::string(net::child_text(document->root(), name)) : std::string{};
}

}  // namespace cairn::vfs::gcs
