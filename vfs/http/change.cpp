#include "vfs/http/change.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "vfs/http/read.hpp"
#include "vfs/http/requests.hpp"

namespace cairn::vfs::http {
namespace {

constexpr std::chrono::milliseconds kDiscardTimeout{10'000};

/// What servers answer when the way to a path is not free. Of a file above it, nginx says 500 and
/// Apache 400.
bool may_be_blocked(int status) {
  return status == 400 || status == 403 || status == 405 || status == 409 || status == 500;
}

/// The folders above `path` that are missing, the highest first. Throws Error if one of them is a
/// file.
std::vector<Path> missing_folders(Connection& connection, const net::Call& call, const Path& path) {
  std::vector<Path> missing;
  for (Path folder = path.parent(); !folder.empty(); folder = folder.parent()) {
    const auto info = look(connection, folder, call.options);
    if (info && info->type == FileType::file) {
      connection.fail(call.operation, path, ErrorCode::not_a_directory,
                      "a file is where a folder has to be: " + connection.url(folder));
    }
    if (info) break;
    missing.insert(missing.begin(), Path(folder.string() + '/'));
  }
  return missing;
}

/// As far as it can be done: another writer may be quicker, and what the call itself ends with
/// tells the rest.
void make_folders(Connection& connection, const std::vector<Path>& folders,
                  const CallOptions& options) {
  for (const Path& folder : folders) {
    static_cast<void>(
        connection.send(make_folder_call(connection.site(), folder, options), folder));
  }
}

/// nginx answers with 500 to a COPY or MOVE into a folder that is not there, though it makes it for
/// a PUT.
void prepare_folders(Connection& connection, const net::Call& call, const Path& path) {
  if (!connection.powers(path, call.options).mkcol) return;
  make_folders(connection, missing_folders(connection, call, path), call.options);
}

}  // namespace

Connection::Reply send_change(Connection& connection, const net::Call& call, const Path& path) {
  const bool within = call.request.method == "COPY" || call.request.method == "MOVE";
  if (within) prepare_folders(connection, call, path);
  net::Call patient = call;
  patient.response_patience = connection.services().config.http.commit_timeout;
  auto reply = connection.follow(patient, path);
  const bool blocked = reply.directory || may_be_blocked(reply.status());
  if (!blocked) return reply;
  const auto info = look(connection, path, call.options);
  if (reply.directory || (info && info->type == FileType::directory)) {
    connection.fail(call.operation, path, ErrorCode::is_a_directory,
                    "there is a folder of that name");
  }
  const auto missing = missing_folders(connection, call, path);
  if (reply.status() != 409 || !connection.powers(path, call.options).mkcol) return reply;
  make_folders(connection, missing, call.options);
  return connection.follow(std::move(patient), path);
}

void discard(Connection& connection, const Path& temporary) noexcept {
  try {
    const auto end = std::chrono::steady_clock::now() + kDiscardTimeout;
    static_cast<void>(connection.send({.operation = "discard",
                                       .target = connection.target(temporary),
                                       .request = {.method = "DELETE"},
                                       .options = {.deadline = end}},
                                      temporary));
  } catch (...) {  // NOLINT(bugprone-empty-catch): its name says what it is, for who finds it
  }
}

}  // namespace cairn::vfs::http
