// Copy Blob: the service copies on its own, and is asked until it is done.
#pragma once

#include "vfs/azure/copy.hpp"

namespace cairn::vfs::azure {

/// `options` describe the copy in full. Replaces the target when it starts: readers see the old or
/// the new one only where the service copies at once, as it does within an account. A copy that
/// fails or that the caller gives up leaves no file.
[[nodiscard]] WriteResult copy_and_wait(Connection& connection, const CopySource& source,
                                        const Path& to, const WriteOptions& options);

}  // namespace cairn::vfs::azure
