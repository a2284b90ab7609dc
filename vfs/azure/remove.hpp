// Removal of many blobs: in batches, with one result for each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vfs/azure/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// One blob; with `if_match` only as long as it has that etag. Throws Error; what is not there is
/// removed.
void remove_blob(Connection& connection, const Path& path, std::string_view if_match,
                 const CallOptions& options);

/// Of a flat account, "d/": the blob of that name, or else a blob "d" that only marks the
/// directory. Throws Error; what is not there is removed.
void remove_mark(Connection& connection, const Path& path, const CallOptions& options);

/// How a path that ends in '/' is removed: remove_mark, or remove_tree of dfs.hpp.
using RemoveDirectory = void (*)(Connection&, const Path&, const CallOptions&);

/// 256 a request and several requests at once; what the service could not remove yet is asked for
/// again, and what a batch can't say goes one by one. The results come in the order of `paths`.
/// Throws Error where a whole request fails.
[[nodiscard]] std::vector<RemoveResult> remove_blobs(Connection& connection,
                                                     std::span<const Path> paths,
                                                     RemoveDirectory remove_directory,
                                                     const CallOptions& options);

}  // namespace cairn::vfs::azure
