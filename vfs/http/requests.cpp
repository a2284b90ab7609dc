#include "vfs/http/requests.hpp"

#include <string>

namespace cairn::vfs::http {
namespace {

/// RFC 4918 section 10.3: absolute. The query belongs to the request's own URL.
std::string destination(const Site& site, const Path& path) {
  return site.root.with_query({}).with_path(path).string();
}

}  // namespace

net::Call put_call(const Body& body, const WriteOptions& options) {
  net::Call call{.operation = "write",
                 .request = {.method = "PUT", .body = body, .has_body = true},
                 .options = options.call};
  net::Headers& headers = call.request.headers;
  if (!options.content_type.empty()) headers.set("content-type", options.content_type);
  if (options.if_absent) headers.set("if-none-match", "*");
  if (!options.if_match.empty()) headers.set("if-match", options.if_match);
  return call;
}

net::Call move_call(const Site& site, std::string_view operation, const Move& move,
                    const CallOptions& options) {
  net::Call call{.operation = std::string(operation),
                 .target = site.target(move.from),
                 .request = {.method = "MOVE"},
                 .options = options};
  call.request.headers.set("destination", destination(site, move.to));
  call.request.headers.set("overwrite", move.overwrite ? "T" : "F");
  return call;
}

net::Call copy_call(const Site& site, const FileInfo& source, const Path& to,
                    const CallOptions& options) {
  net::Call call{.operation = "copy",
                 .target = site.target(source.path),
                 .request = {.method = "COPY"},
                 .options = options};
  call.request.headers.set("destination", destination(site, to));
  call.request.headers.set("overwrite", "T");
  call.request.headers.set("depth", "0");
  if (!source.etag.empty()) call.request.headers.set("if-match", source.etag);
  return call;
}

net::Call make_folder_call(const Site& site, const Path& folder, const CallOptions& options) {
  return {.operation = "make_folder",
          .target = site.target(folder),
          .request = {.method = "MKCOL"},
          .options = options};
}

}  // namespace cairn::vfs::http
