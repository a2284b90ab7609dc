#include "vfs/http/listing.hpp"

#include <algorithm>
#include <utility>

#include "vfs/http/reference.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs::http {
namespace {

/// "getetag" of "D:getetag": servers choose their own prefixes.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& one : node.children()) {
    if (local_name(one) == name) return one;
  }
  return {};
}

void take_property(const pugi::xml_node& property, FileInfo& info) {
  const std::string_view name = local_name(property);
  const std::string_view value = net::trim(property.text().get());
  if (name == "resourcetype") {
    if (child(property, "collection")) info.type = FileType::directory;
  } else if (name == "getcontentlength") {
    info.size = net::parse_number(value).value_or(0);
  } else if (name == "getlastmodified") {
    info.modified = net::parse_http_date(value).value_or(TimePoint{});
  } else if (name == "getetag") {
    info.etag = value;
  } else if (name == "getcontenttype") {
    info.content_type = value;
  }
}

/// A property that a server does not have comes in a propstat of its own, with another status.
FileInfo take_response(const pugi::xml_node& response) {
  FileInfo info;
  for (const pugi::xml_node& propstat : response.children()) {
    if (local_name(propstat) != "propstat") continue;
    const std::string_view status = child(propstat, "status").text().get();
    if (status.find(" 200") == std::string_view::npos) continue;
    for (const pugi::xml_node& property : child(propstat, "prop").children()) {
      take_property(property, info);
    }
  }
  return info;
}

/// What stands behind the folder in a path; empty: the path is not in it.
std::string_view behind(std::string_view folder, std::string_view path) {
  return path.starts_with(folder) ? path.substr(folder.size()) : std::string_view();
}

/// A name as it is in a Path: decoded, but for slashes that belong to it.
std::string decode_name(std::string_view encoded) {
  std::string url = "http://host/";
  url += encoded;
  try {
    return Url::parse(url).path().string();
  } catch (const Error&) {
    return {};  // with a zero byte
  }
}

/// "%2E%2E" is no child, whatever a page says: names end on local disks.
bool is_child_name(std::string_view name) {
  if (name.ends_with('/')) name.remove_suffix(1);
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

/// Percent-encoded in one way, so that texts can be compared.
std::string same_spelling(std::string_view path) {
  std::string url = "http://host";
  url += path;
  try {
    const Url parsed = Url::parse(url);
    return parsed.string().substr(parsed.with_path({}).string().size());
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::string child_name(std::string_view folder, std::string_view reference) {
  const auto url = resolve(folder, reference);
  if (!url || !same_origin(*url, folder)) return {};
  const auto parts = split(*url);
  const auto home = split(folder);
  // A query that belongs to all of the site may stand on its links, too.
  if (!parts || !home || (!parts->query.empty() && parts->query != home->query)) return {};
  const std::string base = same_spelling(home->path.empty() ? "/" : home->path);
  const std::string path = same_spelling(parts->path);
  const std::string_view name = behind(base, path);
  const std::size_t slash = std::min(name.find('/'), name.size());
  if (name.empty() || slash == 0 || slash + 1 < name.size()) return {};
  std::string decoded = decode_name(name);
  return is_child_name(decoded) ? decoded : std::string();
}

std::optional<Entries> parse_json(std::string_view body) {
  std::string object = R"({"entries":)";
  object.append(body).append("}");
  const auto json = net::parse_json_object(object);
  if (!json || !json->at("entries").is_array()) return {};
  Entries entries;
  for (const nlohmann::json& entry : json->at("entries")) {
    if (!entry.is_object()) return {};
    std::string name = net::json_text(entry, "name");
    if (!is_child_name(name) || name.ends_with('/')) continue;
    if (name.find('\0') != std::string::npos) continue;
    const bool directory = net::json_text(entry, "type") == "directory";
    FileInfo info{.type = directory ? FileType::directory : FileType::file};
    info.path = directory ? name + '/' : std::move(name);
    info.modified = net::parse_http_date(net::json_text(entry, "mtime")).value_or(TimePoint{});
    const auto size = net::json_number(entry, "size", std::int64_t{1} << 62);
    info.size = static_cast<std::uint64_t>(size.value_or(0));
    entries.push_back(std::move(info));
  }
  return entries;
}

std::optional<Entries> parse_multistatus(std::string_view folder, std::string body) {
  const auto document = net::XmlDocument::parse(std::move(body));
  if (!document || document->root_name() != "multistatus") return {};
  const auto home = split(folder);
  if (!home) return {};
  Entries entries;
  for (const pugi::xml_node& response : document->root().children()) {
    if (local_name(response) != "response") continue;
    // A proxy in front has another name than the server knows: only the path counts.
    const auto target = resolve(folder, net::trim(child(response, "href").text().get()));
    const auto parts = target ? split(*target) : std::nullopt;
    if (!parts) continue;
    std::string name = child_name(folder, parts->path);
    if (name.empty()) continue;
    FileInfo info = take_response(response);
    if (info.type == FileType::directory && !name.ends_with('/')) name += '/';
    if (name.ends_with('/')) info.type = FileType::directory;
    info.path = std::move(name);
    entries.push_back(std::move(info));
  }
  return entries;
}

}  // namespace cairn::vfs::http
