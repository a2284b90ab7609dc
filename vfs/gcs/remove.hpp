// Removing objects: one, one generation, or many by batches.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vfs/gcs/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

/// One that is not there is no error.
void remove_object(Connection& connection, const Path& path, const CallOptions& options);
/// As long as it is the latest: something that was written meanwhile stays.
void remove_generation(Connection& connection, const Path& path, std::string_view generation,
                       const CallOptions& options);
/// For good, also if it is not the latest.
void remove_version(Connection& connection, const Path& path, std::string_view generation,
                    const CallOptions& options);

/// One result per path. Throws Error only if there is one path, or if nothing could be asked for.
[[nodiscard]] std::vector<RemoveResult> remove_objects(Connection& connection,
                                                       std::span<const Path> paths,
                                                       const CallOptions& options);

}  // namespace cairn::vfs::gcs
