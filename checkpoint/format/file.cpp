#include "checkpoint/format/file.hpp"

#include <utility>

#include "vfs/error.hpp"

namespace cairn::checkpoint::format {

PinnedFile pin(const vfs::FileSystem& files, const vfs::Path& path,
               const vfs::ReadOptions& options) {
  auto info = files.stat(path, options.call);
  if (!info) {
    throw vfs::Error(
        vfs::ErrorCode::not_found,
        {.operation = "load", .url = files.url(path), .message = "there is no such file"});
  }
  if (info->type == vfs::FileType::directory) {
    throw vfs::Error(vfs::ErrorCode::is_a_directory,
                     {.operation = "load", .url = files.url(path), .message = "it is a directory"});
  }
  PinnedFile file{.info = *std::move(info), .read = options};
  if (file.read.if_match.empty()) file.read.if_match = file.info.etag;
  return file;
}

}  // namespace cairn::checkpoint::format
