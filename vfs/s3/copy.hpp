// Copies within a bucket, of any size, pinned to one version of the source.
#pragma once

#include <memory>
#include <string>

#include "vfs/s3/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

struct CopySource {
  FileInfo info{};
  std::string version{};  ///< empty: the latest, as long as it has the etag of `info`
};

/// Whether a copy of a file onto itself would change something.
[[nodiscard]] bool changes_anything(const WriteOptions& options);

/// By CopyObject up to 5 GiB. Larger ones, and those with a condition on the target (which servers
/// ignore in CopyObject), go part by part. Content type and metadata come along unless options give
/// others.
[[nodiscard]] WriteResult copy_object(const std::shared_ptr<Connection>& connection,
                                      const CopySource& source, const Path& to,
                                      const WriteOptions& options);

}  // namespace cairn::vfs::s3
