// Copies within an account, of any size, pinned to one version of the source.
#pragma once

#include <memory>
#include <string>

#include "vfs/azure/connection.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

struct CopySource {
  FileInfo info{};
  net::Headers headers{};  ///< of the answer to its HEAD: what describes it
};

/// Whether a copy of a file onto itself would change something.
[[nodiscard]] bool changes_anything(const WriteOptions& options);

/// By Put Blob From URL, block by block for large ones; where a server has neither, or does not
/// read the source so, by Copy Blob, which is waited for. Content type and metadata come along
/// unless options give others.
[[nodiscard]] WriteResult copy_blob(const std::shared_ptr<Connection>& connection,
                                    const CopySource& source, const Path& to,
                                    const WriteOptions& options);

}  // namespace cairn::vfs::azure
