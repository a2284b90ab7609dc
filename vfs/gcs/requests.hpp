// The requests of the JSON and XML APIs as data: targets, documents, bodies. Pure.
// https://cloud.google.com/storage/docs/json_api/v1 and …/docs/xml-api/reference-methods
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

using Query = std::vector<std::pair<std::string_view, std::string>>;

/// The fields of an object that are asked for: the whole resource is several times as long.
inline constexpr std::string_view kObjectFields =
    "name,size,generation,crc32c,contentType,storageClass,updated,metadata";

/// And what describes it, for copies.
inline constexpr std::string_view kSourceFields =
    "name,size,generation,crc32c,contentType,storageClass,updated,metadata,cacheControl,"
    "contentDisposition,contentEncoding,contentLanguage,customTime";

/// "?name=value&…", encoded; empty without any.
[[nodiscard]] std::string query_text(const Query& query);
/// "/storage/v1/b/BUCKET/o/KEY": its resource. With an empty key that of all objects.
[[nodiscard]] std::string object_target(std::string_view bucket, const Path& key,
                                        const Query& query = {});
/// Of what is done with it: "compose", "rewriteTo/…".
[[nodiscard]] std::string action_target(std::string_view bucket, const Path& key,
                                        std::string_view action, const Query& query = {});
[[nodiscard]] std::string rewrite_action(std::string_view bucket, const Path& to);
[[nodiscard]] std::string move_action(const Path& to);
/// "/upload/storage/v1/b/BUCKET/o?uploadType=…&name=KEY"
[[nodiscard]] std::string upload_target(std::string_view bucket, const Path& key, std::string type,
                                        Query query);
/// "/BUCKET/KEY" of the XML API.
[[nodiscard]] std::string xml_target(std::string_view bucket, const Path& key, const Query& query);
[[nodiscard]] std::string list_target(std::string_view bucket, const Path& prefix,
                                      const ListOptions& options);
[[nodiscard]] std::string list_versions_target(std::string_view bucket, const Path& prefix,
                                               const std::string& page_token);

/// ifGenerationMatch. `if_match` is a generation: see generation_of().
void add_conditions(Query& query, const WriteOptions& options);
/// Absent if the text can't be a generation, so that no object has it.
[[nodiscard]] std::optional<std::uint64_t> generation_of(std::string_view text);

/// Content type, metadata and what else describes a new object. `token` is hidden from users;
/// empty: none. Throws Error(invalid_argument) for what can't be sent.
[[nodiscard]] nlohmann::json object_resource(const WriteOptions& options,
                                             std::string_view storage_class,
                                             std::string_view token);
/// The same as headers of the XML API.
void add_description(net::Headers& headers, const WriteOptions& options,
                     std::string_view storage_class, std::string_view token);

[[nodiscard]] net::Request json_request(std::string method, const nlohmann::json& document);
/// multipart/related: the resource, then the bytes, which are not copied.
[[nodiscard]] net::Request insert_request(const nlohmann::json& resource, const Body& body,
                                          std::string_view boundary);

/// An object that becomes part of another.
struct Component {
  std::string name{};
  std::string generation{};
};
[[nodiscard]] nlohmann::json compose_document(nlohmann::json destination,
                                              std::span<const Component> sources);

/// Of XML multipart uploads.
struct XmlPart {
  std::string etag{};
  std::uint32_t crc32c{0};
  std::uint64_t size{0};
};
[[nodiscard]] net::Request complete_request(std::span<const XmlPart> parts);
/// "crc32c=AAAAAA=="
[[nodiscard]] std::string hash_header(std::uint32_t crc32c);

}  // namespace cairn::vfs::gcs
