// One change to the server, and what stands in its way: folders that are missing, or files where
// folders have to be.
#pragma once

#include "vfs/http/connection.hpp"

namespace cairn::vfs::http {

/// Sends a call that makes `path`. Folders that are missing above it are made where the server
/// knows how. Throws Error where `path` is a folder or lies below a file; else see Reply.
[[nodiscard]] Connection::Reply send_change(Connection& connection, const net::Call& call,
                                            const Path& path);

/// Removes what nobody has seen, if it can be. Never throws.
void discard(Connection& connection, const Path& temporary) noexcept;

}  // namespace cairn::vfs::http
