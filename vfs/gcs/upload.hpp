// Objects that are written in parts: by the XML API, as objects that are put together, or in one
// resumable session.
#pragma once

#include <memory>

#include "vfs/gcs/connection.hpp"
#include "vfs/net/parts.hpp"
#include "vfs/store.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

/// Which way is taken follows from the configuration: see upload_way().
[[nodiscard]] std::unique_ptr<Upload> start_upload(const std::shared_ptr<Connection>& connection,
                                                   const Path& path, const WriteOptions& options);

[[nodiscard]] std::unique_ptr<Upload> start_xml_upload(
    const std::shared_ptr<Connection>& connection, const Path& path, const WriteOptions& options);
[[nodiscard]] std::unique_ptr<Upload> start_compose_upload(
    const std::shared_ptr<Connection>& connection, const Path& path, const WriteOptions& options);
[[nodiscard]] std::unique_ptr<Upload> start_resumable_upload(
    const std::shared_ptr<Connection>& connection, const Path& path, const WriteOptions& options);

}  // namespace cairn::vfs::gcs
