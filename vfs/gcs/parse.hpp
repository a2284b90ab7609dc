// The answers of the JSON and XML APIs. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "vfs/net/client.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/powers.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

/// What is wrong; absent: success, which 308 is too in the middle of a resumable upload.
[[nodiscard]] std::optional<net::ServiceError> examine(const net::Request& request,
                                                       const net::Response& response);

/// What an error answer says, in JSON or XML.
[[nodiscard]] net::ServiceError parse_error(int status, std::string_view body);

/// The CRC32C of the whole object: x-goog-hash, which answers to ranges have, too.
[[nodiscard]] std::optional<Checksum> parse_checksum(const net::Headers& headers);
/// Its generation.
[[nodiscard]] std::string parse_version(const net::Headers& headers);

/// From the headers that come with an object's bytes.
[[nodiscard]] FileInfo parse_info(const Path& path, const net::Headers& headers);

/// What a resource says: FileInfo, and what users don't see.
struct Object {
  FileInfo info{};
  std::string token{};  ///< of the write that made it
};
/// Absent if the text is no object resource.
[[nodiscard]] std::optional<Object> parse_object(std::string_view body);
/// What a copy takes along from its source, as the resource of the target.
[[nodiscard]] nlohmann::json parse_description(std::string_view body);

/// Absent if the text is no list of objects.
[[nodiscard]] std::optional<ListPage> parse_list_page(std::string_view body);
[[nodiscard]] std::optional<VersionPage> parse_version_page(std::string_view body);

struct Rewrite {
  bool done{false};
  std::string token{};             ///< for the next call, unless it is done
  std::optional<Object> object{};  ///< once it is
};
[[nodiscard]] std::optional<Rewrite> parse_rewrite(std::string_view body);

/// The text of a child of the root of an XML answer; empty if there is none.
[[nodiscard]] std::string parse_field(std::string body, const char* name);

}  // namespace cairn::vfs::gcs
