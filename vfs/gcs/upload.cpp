#include "vfs/gcs/upload.hpp"

namespace cairn::vfs::gcs {

std::unique_ptr<Upload> start_upload(const std::shared_ptr<Connection>& connection,
                                     const Path& path, const WriteOptions& options) {
  const bool conditional = net::condition_of(options) != net::Condition::none;
  switch (upload_way(connection->config(), conditional)) {
    case UploadWay::xml:
    case UploadWay::xml_then_rewrite:
      return start_xml_upload(connection, path, options);
    case UploadWay::resumable:
      return start_resumable_upload(connection, path, options);
    case UploadWay::compose:
      break;
  }
  return start_compose_upload(connection, path, options);
}

}  // namespace cairn::vfs::gcs
