// Copies between stores of any kind.
#pragma once

#include "vfs/file_system.hpp"

namespace cairn::vfs {

/// Copies a file. Within one store the service does it; between two the bytes stream through this
/// machine in parallel parts, pinned to one version of the source. Content type and metadata come
/// along unless `options` says otherwise. Throws Error; an older file at `to` stays as it was
/// unless all went well. Copying a file onto itself does nothing.
CAIRN_API WriteResult copy(const Location& from, const Location& to,
                           const WriteOptions& options = {});

}  // namespace cairn::vfs
