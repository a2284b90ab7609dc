#include "checkpoint/format/file.hpp"

#include <span>
#include <utility>

#include "vfs/error.hpp"

namespace cairn::checkpoint::format {

namespace {

// A file that is not there, or can't be read, is one that was to be loaded.
vfs::ReadResult read_first(const vfs::FileSystem& files, const vfs::Path& path,
                           const vfs::ReadOptions& options, std::span<std::byte> into) {
  try {
    return files.store().read(files.in_store(path), 0, into, options);
  } catch (const vfs::Error& error) {
    vfs::ErrorDetails details = error.details();
    details.operation = "load";
    throw vfs::Error(error.code(), std::move(details));
  }
}

}  // namespace

FileHead read_head(const vfs::FileSystem& files, const vfs::Path& path,
                   const vfs::ReadOptions& options, std::size_t length) {
  FileHead head{.bytes = vfs::Buffer(length), .read = options};
  const vfs::ReadResult first = read_first(files, path, options, head.bytes.span());
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
