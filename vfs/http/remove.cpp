// Removal: never of more than was asked for. A DELETE of a folder takes all that is in it (RFC 4918
// section 9.6.1), so that each path is looked at before.
#include "vfs/http/read.hpp"
#include "vfs/http/write.hpp"

namespace cairn::vfs::http {
namespace {

void check_empty(Connection& connection, const Path& folder, const CallOptions& options) {
  if (list_folder(connection, folder, options).empty()) return;
  connection.fail("remove", folder, ErrorCode::not_empty, "there are files in it");
}

}  // namespace

void remove_one(Connection& connection, const Path& path, const CallOptions& options) {
  const auto info = look(connection, path, options);
  if (!info) return;
  const bool directory = info->type == FileType::directory;
  if (directory && !path.has_trailing_slash()) {
    connection.fail("remove", path, ErrorCode::is_a_directory, "it is a folder on the server");
  }
  if (directory) check_empty(connection, path, options);
  const auto reply = connection.follow(
      {.operation = "remove", .request = {.method = "DELETE"}, .options = options}, path);
  const int status = reply.status();
  if (!reply.outcome.ok() && status != 404 && status != 410) {
    connection.fail("remove", path, reply.outcome);
  }
}

}  // namespace cairn::vfs::http
