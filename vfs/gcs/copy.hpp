// Copies and moves within a bucket, of any size: the bytes stay where they are.
#pragma once

#include "vfs/gcs/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

/// Pinned to the version that the source has when it begins. Throws not_found if there is none.
WriteResult copy_object(Connection& connection, const Path& from, const Path& to,
                        const WriteOptions& options);

/// One atomic step where the service has it, else a copy, after which the source goes if it is
/// still the same.
WriteResult move_object(Connection& connection, const Path& from, const Path& to,
                        const WriteOptions& options);

}  // namespace cairn::vfs::gcs
