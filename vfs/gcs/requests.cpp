#include "vfs/gcs/requests.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "vfs/crypto/encoding.hpp"
#include "vfs/error.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr std::uint32_t kMaxResults = 1000;

[[noreturn]] void refuse(std::string message, std::string hint = {}) {
  throw Error(ErrorCode::invalid_argument,
              {.operation = "write", .message = std::move(message), .hint = std::move(hint)});
}

/// Both APIs show metadata as headers.
void check_description(const WriteOptions& options) {
  if (!options.tags.empty()) refuse("Cloud Storage has no tags of objects", "use metadata");
  const auto is_name = [](std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.';
    });
  };
  for (const auto& [name, value] : options.metadata) {
    if (is_name(name) && net::is_visible_ascii(value)) continue;
    refuse(fmt::format("metadata \"{}\" can't be sent: only letters, digits and - _ . are allowed "
                       "in names, and visible ASCII in values",
                       net::is_visible_ascii(name) ? name : "?"),
           "names and values travel as HTTP headers: encode others, e.g. as base64");
  }
  for (const std::string* text : {&options.content_type, &options.cache_control,
                                  &options.content_disposition, &options.content_encoding}) {
    if (!net::is_visible_ascii(*text)) refuse("the description of the object is not plain text");
  }
}

void set_if(nlohmann::json& object, const char* name, std::string_view value) {
  if (!value.empty()) object[name] = value;
}

net::Request text_request(std::string method, std::string text, std::string_view type) {
  const auto kept = std::make_shared<std::string>(std::move(text));
  net::Request request{.method = std::move(method), .has_body = true};
  request.headers.set("content-type", type);
  request.body.append(as_bytes(*kept), kept);
  return request;
}

}  // namespace

std::string query_text(const Query& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += text.empty() ? '?' : '&';
    text.append(name).append("=").append(net::percent_encode(value));
  }
  return text;
}

std::string object_target(std::string_view bucket, const Path& key, const Query& query) {
  return fmt::format("/storage/v1/b/{}/o{}{}{}", bucket, key.empty() ? "" : "/",
                     net::percent_encode(key.string()), query_text(query));
}

std::string action_target(std::string_view bucket, const Path& key, std::string_view action,
                          const Query& query) {
  return fmt::format("/storage/v1/b/{}/o/{}/{}{}", bucket, net::percent_encode(key.string()),
                     action, query_text(query));
}

std::string rewrite_action(std::string_view bucket, const Path& to) {
  return fmt::format("rewriteTo/b/{}/o/{}", bucket, net::percent_encode(to.string()));
}

std::string move_action(const Path& to) {
  return "moveTo/o/" + net::percent_encode(to.string());
}

std::string upload_target(std::string_view bucket, const Path& key, std::string type, Query query) {
  query.insert(query.begin(), {{"uploadType", std::move(type)}, {"name", key.string()}});
  return fmt::format("/upload/storage/v1/b/{}/o{}", bucket, query_text(query));
}

std::string xml_target(std::string_view bucket, const Path& key, const Query& query) {
  return fmt::format("/{}/{}{}", bucket, net::percent_encode(key.string(), net::Slash::keep),
                     query_text(query));
}

std::string list_target(std::string_view bucket, const Path& prefix, const ListOptions& options) {
  Query query{
      {"fields", fmt::format("kind,nextPageToken,prefixes,items({})", kObjectFields)},
      {"maxResults", std::to_string(std::clamp<std::uint32_t>(options.page_size, 1, kMaxResults))},
      {"prettyPrint", "false"}};  // else a fourth of the answer is blanks
  if (!prefix.empty()) query.emplace_back("prefix", prefix.string());
  if (!options.recursive) query.emplace_back("delimiter", "/");
  if (!options.start_after.empty()) query.emplace_back("startOffset", options.start_after);
  if (!options.page_token.empty()) query.emplace_back("pageToken", options.page_token);
  return object_target(bucket, {}, query);
}

std::string list_versions_target(std::string_view bucket, const Path& prefix,
                                 const std::string& page_token) {
  Query query{{"fields", fmt::format("kind,nextPageToken,items({},timeDeleted)", kObjectFields)},
              {"versions", "true"},
              {"maxResults", std::to_string(kMaxResults)}};
  if (!prefix.empty()) query.emplace_back("prefix", prefix.string());
  if (!page_token.empty()) query.emplace_back("pageToken", page_token);
  return object_target(bucket, {}, query);
}

void add_conditions(Query& query, const WriteOptions& options) {
  if (options.if_absent) query.emplace_back("ifGenerationMatch", "0");
  if (!options.if_match.empty()) query.emplace_back("ifGenerationMatch", options.if_match);
}

std::optional<std::uint64_t> generation_of(std::string_view text) {
  const auto number = net::parse_number(text);
  return number && *number != 0 ? number : std::nullopt;  // 0 means "absent"
}

nlohmann::json object_resource(const WriteOptions& options, std::string_view storage_class,
                               std::string_view token) {
  check_description(options);
  nlohmann::json resource = nlohmann::json::object();
  set_if(resource, "contentType", options.content_type);
  set_if(resource, "cacheControl", options.cache_control);
  set_if(resource, "contentDisposition", options.content_disposition);
  set_if(resource, "contentEncoding", options.content_encoding);
  set_if(resource, "storageClass",
         options.storage_class.empty() ? storage_class : std::string_view(options.storage_class));
  nlohmann::json metadata = nlohmann::json::object();
  for (const auto& [name, value] : options.metadata) metadata[net::lower_case(name)] = value;
  if (!token.empty()) metadata[std::string(net::kOperationToken)] = token;
  if (!metadata.empty()) resource["metadata"] = std::move(metadata);
  return resource;
}

void add_description(net::Headers& headers, const WriteOptions& options,
                     std::string_view storage_class, std::string_view token) {
  check_description(options);
  const auto set = [&headers](std::string_view name, std::string_view value) {
    if (!value.empty()) headers.set(name, value);
  };
  set("content-type", options.content_type);
  set("cache-control", options.cache_control);
  set("content-disposition", options.content_disposition);
  set("content-encoding", options.content_encoding);
  set("x-goog-storage-class",
      options.storage_class.empty() ? storage_class : std::string_view(options.storage_class));
  for (const auto& [name, value] : options.metadata) {
    headers.set("x-goog-meta-" + net::lower_case(name), value);
  }
  set(fmt::format("x-goog-meta-{}", net::kOperationToken), token);
}

net::Request json_request(std::string method, const nlohmann::json& document) {
  std::string text;
  try {
    text = document.dump();
  } catch (const nlohmann::json::exception&) {
    refuse("a name is no UTF-8 text", "Cloud Storage takes no other names");
  }
  return text_request(std::move(method), std::move(text), "application/json");
}

net::Request insert_request(const nlohmann::json& resource, const Body& body,
                            std::string_view boundary) {
  const net::Request head = json_request("POST", resource);
  const std::string type = resource.value("contentType", "application/octet-stream");
  net::Request request{.method = "POST", .has_body = true};
  request.headers.set("content-type", fmt::format("multipart/related; boundary={}", boundary));
  const auto add = [&request](std::string text) {
    const auto kept = std::make_shared<std::string>(std::move(text));
    request.body.append(as_bytes(*kept), kept);
  };
  add(fmt::format("--{}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n", boundary));
  request.body.append(head.body);
  add(fmt::format("\r\n--{}\r\nContent-Type: {}\r\n\r\n", boundary, type));
  request.body.append(body);
  add(fmt::format("\r\n--{}--\r\n", boundary));
  return request;
}

nlohmann::json compose_document(nlohmann::json destination, std::span<const Component> sources) {
  nlohmann::json list = nlohmann::json::array();
  for (const Component& source : sources) {
    list.push_back({{"name", source.name},
                    {"objectPreconditions", {{"ifGenerationMatch", source.generation}}}});
  }
  return {{"destination", std::move(destination)}, {"sourceObjects", std::move(list)}};
}

net::Request complete_request(std::span<const XmlPart> parts) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fmt::format_to(std::back_inserter(xml),
                   "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                   net::xml_escape(parts[i].etag));
  }
  return text_request("POST", xml += "</CompleteMultipartUpload>", "application/xml");
}

std::string hash_header(std::uint32_t crc32c) {
  return "crc32c=" + crypto::base64_big_endian(crc32c);
}

}  // namespace cairn::vfs::gcs
