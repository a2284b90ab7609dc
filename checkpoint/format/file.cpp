#include "checkpoint/format/file.hpp"

#include <utility>

namespace cairn::checkpoint::format {

FileHead read_head(const vfs::FileSystem& files, const vfs::Path& path,
                   const vfs::ReadOptions& options, std::size_t length) {
  FileHead head{.bytes = vfs::Buffer(length), .read = options};
  const vfs::ReadResult first =
      files.store().read(files.in_store(path), 0, head.bytes.span(), options);
  head.bytes.shrink(first.bytes);
  head.size = first.bytes;
  if (head.read.if_match.empty()) head.read.if_match = first.info.etag;
  if (first.bytes == length) {
    head.size = first.info.size;
    if (head.size == 0) {  // a web server need not say how much there is
      const auto info = files.stat(path, options.call);
      head.size = info ? info->size : 0;
    }
  }
  return head;
}

}  // namespace cairn::checkpoint::format
