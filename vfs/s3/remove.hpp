// Removal of many objects: in batches, with one result per key.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vfs/s3/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// One object, or one version of it for good. Throws Error; what is not there is removed.
void remove_object(Connection& connection, const Path& path, std::string_view version,
                   const CallOptions& options);

/// By DeleteObjects, 1000 keys a request and several requests at once; keys that S3 could not
/// remove yet ("SlowDown") are asked for again, those that XML can't carry go one by one. The
/// results come in the order of `paths`. Throws Error where a whole request fails.
[[nodiscard]] std::vector<RemoveResult> remove_objects(Connection& connection,
                                                       std::span<const Path> paths,
                                                       const CallOptions& options);

}  // namespace cairn::vfs::s3
