// Data Lake Storage Gen2, Path: Create, rename, Delete, Get Properties, List. All pages are below
// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/
#include <algorithm>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

std::string parent_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == name.npos ? std::string{} : name.substr(0, slash);
}

std::string bare(const std::string& etag) {
  return etag.substr(1, etag.size() - 2);
}

/// x-ms-properties: "n1=v1, n2=v2", values in base64. Directories may have them, too.
std::map<std::string, std::string> properties_of(const Incoming& request) {
  std::map<std::string, std::string> properties;
  const std::string text = request.header("x-ms-properties");
  if (text.empty()) return properties;
  for (std::string pair : split(text, ',')) {
    pair.erase(0, pair.find_first_not_of(' '));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) throw Refusal("InvalidHeaderValue");
    const auto value = from_base64(pair.substr(equals + 1));
    if (!is_identifier(pair.substr(0, equals))) throw Refusal("InvalidPropertyName");
    if (!value) throw Refusal("InvalidHeaderValue");
    properties[pair.substr(0, equals)] = *value;
  }
  return properties;
}

std::string properties_text(const Blob& blob) {
  std::string text;
  for (const auto& [name, value] : blob.metadata) {
    text += (text.empty() ? "" : ",") + name + "=" + base64(value);
  }
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string json_entry(const std::string& name, const Blob& blob) {
  std::string text = "{\"name\":" + quoted(name);
  if (blob.directory) text += ",\"isDirectory\":\"true\"";  // a text, and only where it is so
  return text + ",\"contentLength\":\"" + std::to_string(blob.bytes->size()) + "\",\"etag\":\"" +
         bare(blob.etag) + "\",\"lastModified\":\"" + http_date(blob.modified) +
         "\",\"owner\":\"$superuser\",\"group\":\"$superuser\",\"permissions\":\"rw-r-----\"}";
}

bool is_true(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw Refusal("InvalidQueryParameterValue");
}

Reply created(const Blob& blob) {
  return {.status = 201,
          .headers = {{"ETag", blob.etag}, {"Last-Modified", http_date(blob.modified)}}};
}

}  // namespace

/// Path - Create. "By default, the destination is overwritten"; If-None-Match: * forbids it.
Reply Server::create_path(const Turn& turn) {
  const Incoming& request = turn.request;
  const std::string resource = request.parameter("resource");
  if (resource != "file" && resource != "directory") throw Refusal("InvalidQueryParameterValue");
  if (!request.body.empty()) throw Refusal("ContentLengthMustBeZero");
  const bool directory = resource == "directory";
  const Blob* before = find(turn.name);
  check_write(turn, before);
  if (before != nullptr && before->directory != directory) throw Refusal("PathConflict");
  Blob blob{.metadata = properties_of(request), .directory = directory};
  describe(request, blob);
  return created(store(turn.name, std::move(blob)));
}

/// Path - Create with x-ms-rename-source: "/filesystem/path", encoded, perhaps with a SAS. All at
/// once, with what is in a directory; the etag stays, as Hadoop's ABFS relies on.
Reply Server::rename_path(const Turn& turn) {
  const Incoming& request = turn.request;
  const std::string raw = request.header("x-ms-rename-source");
  if (!raw.starts_with('/')) throw Refusal("InvalidSourceUri");
  const std::string path = decode(raw.substr(1, raw.find('?') - 1));
  const std::size_t slash = path.find('/');
  if (slash == path.npos || path.substr(0, slash) != options_.container) {
    throw Refusal("InvalidSourceUri");
  }
  std::string from = path.substr(slash + 1);
  if (from.ends_with('/')) from.pop_back();
  const std::string& to = turn.name;
  const Blob* source = find(from);
  if (source == nullptr) throw Refusal("SourcePathNotFound");
  if (!meets_source_conditions(request, *source)) throw Refusal("SourceConditionNotMet");
  if (!source->lease.empty() && request.header("x-ms-source-lease-id") != source->lease) {
    throw Refusal("LeaseIdMissing");
  }
  if (from == to || (to + "/").starts_with(from + "/")) throw Refusal("InvalidRenameSourcePath");
  const Blob* target = find(to);
  check_conditions(request, target, Access::write);
  const std::string parent = parent_of(to);
  if (!parent.empty() && find(parent) == nullptr) {
    throw Refusal("RenameDestinationParentPathNotFound");
  }
  if (!parent.empty() && !find(parent)->directory) throw Refusal("PathConflict");
  if (target != nullptr && target->directory != source->directory) {
    throw Refusal("InvalidSourceOrDestinationResourceType");
  }
  if (target != nullptr && target->directory && has_children(to)) {
    throw Refusal("PathAlreadyExists");
  }
  const auto properties = properties_of(request);
  move_tree(from, to);
  if (!properties.empty()) blobs_[to].metadata = properties;
  return created(blobs_[to]);
}

void Server::move_tree(const std::string& from, const std::string& to) {
  std::map<std::string, Blob> moved;
  std::erase_if(blobs_, [&](auto& entry) {
    auto& [name, blob] = entry;
    if (name != from && !name.starts_with(from + "/")) return false;
    moved[to + name.substr(from.size())] = std::move(blob);
    return true;
  });
  for (auto& [name, blob] : moved) {
    history_.emplace(name, md5(*blob.bytes));
    blobs_[name] = std::move(blob);
  }
}

/// Path - Delete. "recursive: Required and valid only when the resource is a directory." With
/// paginated=true a large directory takes several calls, of which those before the last only look
/// at what is below it: "the actual deletion happens in the last invocation".
Reply Server::delete_path(const Turn& turn) {
  const Incoming& request = turn.request;
  const Blob* blob = find(turn.name);
  if (blob == nullptr) throw Refusal("PathNotFound");
  check_write(turn, blob);
  if (!blob->directory) {
    blobs_.erase(turn.name);
    return {};
  }
  if (!request.asks("recursive")) throw Refusal("MissingRequiredQueryParameter");
  const bool recursive = is_true(request.parameter("recursive"));
  if (!recursive && has_children(turn.name)) throw Refusal("DirectoryNotEmpty");
  const bool paginated = request.asks("paginated") && is_true(request.parameter("paginated"));
  const auto seen = read_number(request.parameter("continuation"));
  if (request.asks("continuation") && (!seen || !recursive || !paginated)) {
    throw Refusal("InvalidQueryParameterValue");
  }
  const auto is_below = [&](const auto& entry) { return entry.first.starts_with(turn.name + "/"); };
  const auto count = static_cast<std::uint64_t>(std::ranges::count_if(blobs_, is_below));
  const std::uint64_t looked_at = seen.value_or(0) + options_.delete_page;
  if (paginated && options_.delete_page > 0 && looked_at < count) {
    return {.headers = {{"x-ms-continuation", std::to_string(looked_at)}}};
  }
  std::erase_if(blobs_, is_below);
  blobs_.erase(turn.name);
  return {};
}

/// Path - Get Properties with action=getAccessControl; the root has an owner, too.
Reply Server::path_access(const Turn& turn) const {
  const Blob* blob = find(turn.name);
  if (blob == nullptr && !turn.name.empty()) throw Refusal("PathNotFound");
  if (blob != nullptr) check_conditions(turn.request, blob, Access::read);
  return {.headers = {{"x-ms-owner", "$superuser"},
                      {"x-ms-group", "$superuser"},
                      {"x-ms-permissions", "rwxr-x---"},
                      {"x-ms-acl", "user::rwx,group::r-x,other::---"}}};
}

/// Path - Get Properties.
Reply Server::path_properties(const Turn& turn) {
  const Blob& blob = existing(turn.name);
  check_conditions(turn.request, &blob, Access::read);
  Reply reply{.headers = {{"ETag", blob.etag},
                          {"Last-Modified", http_date(blob.modified)},
                          {"Content-Length", std::to_string(blob.bytes->size())},
                          {"x-ms-resource-type", blob.directory ? "directory" : "file"},
                          {"x-ms-owner", "$superuser"},
                          {"x-ms-group", "$superuser"},
                          {"x-ms-permissions", "rw-r-----"}}};
  for (const auto& [name, value] : blob.content) reply.set(name, value);
  if (!blob.metadata.empty()) reply.set("x-ms-properties", properties_text(blob));
  if (!blob.md5.empty()) reply.set("Content-MD5", blob.md5);
  return reply;
}

/// Path - List: JSON; names are whole, from the filesystem's root.
Reply Server::list_paths(const Turn& turn) const {
  const Incoming& request = turn.request;
  std::string directory = request.parameter("directory");
  if (directory.ends_with('/')) directory.pop_back();
  const Blob* root = find(directory);
  if (!directory.empty() && (root == nullptr || !root->directory)) throw Refusal("PathNotFound");
  const bool recursive = is_true(request.parameter("recursive"));
  std::size_t limit = options_.page;
  if (request.asks("maxResults")) {
    const auto asked = read_number(request.parameter("maxResults"));
    if (!asked || *asked == 0) throw Refusal("OutOfRangeInput");
    limit = std::min<std::size_t>(*asked, limit);
  }
  const auto after = from_hex(request.parameter("continuation"));
  if (!after) throw Refusal("InvalidQueryParameterValue");
  const std::string prefix = directory.empty() ? "" : directory + "/";
  std::string entries;
  std::string last;
  std::size_t count = 0;
  Reply reply{.headers = {{"Content-Type", "application/json;charset=utf-8"}}};
  for (auto entry = blobs_.upper_bound(*after); entry != blobs_.end(); ++entry) {
    const auto& [name, blob] = *entry;
    if (!name.starts_with(prefix)) continue;
    if (!recursive && name.find('/', prefix.size()) != name.npos) continue;
    if (count++ == limit) {
      reply.set("x-ms-continuation", hex(last));
      break;
    }
    entries += (entries.empty() ? "" : ",") + json_entry(name, blob);
    last = name;
  }
  reply.body = "{\"paths\":[" + entries + "]}";
  return reply;
}

}  // namespace cairn::test::sim::azure
