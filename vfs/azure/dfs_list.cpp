// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/list
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/dfs.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::uint32_t kMaxResults = 2000;  // whose names are never more than JSON's limit

std::string list_target(const Connection& connection, const Path& prefix,
                        const ListOptions& options) {
  Query query{{"resource", "filesystem"}, {"recursive", options.recursive ? "true" : "false"}};
  // Only directories can be listed, not beginnings of names.
  const std::string& text = prefix.string();
  if (const std::size_t slash = text.rfind('/'); slash != std::string::npos && slash != 0) {
    query.emplace_back("directory", text.substr(0, slash));
  }
  query.emplace_back("maxResults",
                     std::to_string(std::clamp<std::uint32_t>(options.page_size, 1, kMaxResults)));
  if (!options.page_token.empty()) query.emplace_back("continuation", options.page_token);
  return connection.config().dfs_endpoint + connection.target({}, query);
}

/// The service writes numbers and truths as texts, and an etag without its quotes.
std::optional<FileInfo> parse_path(const nlohmann::json& entry) {
  std::string name = net::json_text(entry, "name");
  if (name.empty()) return {};
  FileInfo info;
  if (net::equal_ignoring_case(net::json_text(entry, "isDirectory"), "true")) {
    info.type = FileType::directory;
    name += '/';
  } else {
    const auto size = net::parse_number(net::json_text(entry, "contentLength"));
    if (!size) return {};
    info.size = *size;
  }
  info.path = Path(std::move(name));
  info.modified = net::parse_http_date(net::json_text(entry, "lastModified")).value_or(TimePoint{});
  const std::string etag = net::json_text(entry, "etag");
  if (!etag.empty()) info.etag = etag.starts_with('"') ? etag : fmt::format("\"{}\"", etag);
  return info;
}

/// Absent: the answer is no list.
std::optional<std::vector<FileInfo>> parse_paths(std::string_view body) {
  const auto json = net::parse_json_object(body);
  if (!json || !json->contains("paths") || !json->at("paths").is_array()) return {};
  std::vector<FileInfo> paths;
  for (const nlohmann::json& entry : json->at("paths")) {
    auto path = entry.is_object() ? parse_path(entry) : std::nullopt;
    if (!path) return {};
    paths.push_back(*std::move(path));
  }
  return paths;
}

}  // namespace

ListPage list_paths(Connection& connection, const Path& prefix, const ListOptions& options) {
  const net::Outcome outcome = connection.send({.operation = "list",
                                                .target = list_target(connection, prefix, options),
                                                .options = options.call},
                                               prefix);
  if (outcome.error && outcome.error->code == "PathNotFound") return {};
  if (!outcome.ok()) connection.fail("list", prefix, outcome);
  auto paths = parse_paths(outcome.response.body);
  ListPage page{.next_page_token = std::string(outcome.response.headers.get("x-ms-continuation"))};
  if (!paths || (!options.page_token.empty() && page.next_page_token == options.page_token)) {
    connection.fail("list", prefix, ErrorCode::corrupt,
                    "the server's answer is not a list of paths");
  }
  for (FileInfo& info : *paths) {
    const std::string& name = info.path.string();
    const bool wanted = name.starts_with(prefix.string()) && name > options.start_after;
    const bool inner = options.recursive && info.type == FileType::directory;
    if (wanted && !inner) page.entries.push_back(std::move(info));
  }
  return page;
}

}  // namespace cairn::vfs::azure
