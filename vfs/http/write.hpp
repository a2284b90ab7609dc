// Everything that changes files: PUT, and what WebDAV adds to it (RFC 4918).
#pragma once

#include <memory>
#include <vector>

#include "vfs/http/connection.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs::http {

[[nodiscard]] WriteResult put_file(Connection& connection, const Path& path, const Body& body,
                                   const WriteOptions& options);
/// Parts wait in a temporary file, and go up as one request at the end.
[[nodiscard]] std::unique_ptr<Upload> start_spooled(std::shared_ptr<Connection> connection,
                                                    const Path& path, const WriteOptions& options);
/// By the server where it knows COPY; else through this machine.
[[nodiscard]] WriteResult copy_file(const std::shared_ptr<Connection>& connection, const Path& from,
                                    const Path& to, const WriteOptions& options);
[[nodiscard]] WriteResult move_file(const std::shared_ptr<Connection>& connection, const Path& from,
                                    const Path& to, const WriteOptions& options);
/// A file, or a folder that is empty. Throws Error; what is not there is removed.
void remove_one(Connection& connection, const Path& path, const CallOptions& options);

}  // namespace cairn::vfs::http
