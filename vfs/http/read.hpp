// Everything that only looks: HEAD, GET and listings.
#pragma once

#include <optional>
#include <span>

#include "vfs/http/connection.hpp"
#include "vfs/http/listing.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs::http {

/// Absent if there is neither a file nor, by what servers show of them, a folder.
[[nodiscard]] std::optional<FileInfo> look(Connection& connection, const Path& path,
                                           const CallOptions& options);

[[nodiscard]] ReadResult read_file(Connection& connection, const Path& path, std::uint64_t offset,
                                   std::span<std::byte> out, const ReadOptions& options);

/// A folder's entries, by names. Nothing if there is no such folder.
[[nodiscard]] Entries list_folder(Connection& connection, const Path& folder,
                                  const CallOptions& options);

}  // namespace cairn::vfs::http
