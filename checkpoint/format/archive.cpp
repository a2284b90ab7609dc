#include "checkpoint/format/archive.hpp"

#include "checkpoint/format/archive_reader.hpp"
#include "checkpoint/format/archive_writer.hpp"
#include "vfs/error.hpp"

namespace cairn::checkpoint::format {
namespace {

vfs::FileInfo stat_file(const vfs::FileSystem& files, const vfs::Path& path,
                        const vfs::CallOptions& options) {
  auto info = files.stat(path, options);
  if (!info) {
    throw vfs::Error(
        vfs::ErrorCode::not_found,
        {.operation = "load", .url = files.url(path), .message = "there is no such file"});
  }
  if (info->type == vfs::FileType::directory) {
    throw vfs::Error(vfs::ErrorCode::is_a_directory,
                     {.operation = "load", .url = files.url(path), .message = "it is a directory"});
  }
  return *std::move(info);
}

}  // namespace

vfs::WriteResult save(const vfs::FileSystem& files, const vfs::Path& path, const Value& root,
                      const SaveOptions& options) {
  vfs::Body body;
  try {
    body = write_archive(root, options);
  } catch (const Error& error) {
    throw Error(error.code(), "save " + files.url(path) + ": " + error.what());
  }
  return files.write(path, body, options.write);
}

Value load(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options) {
  const vfs::FileInfo info = stat_file(files, path, options.read.call);
  vfs::ReadOptions pinned = options.read;  // every read is of the version whose size is known
  if (pinned.if_match.empty()) pinned.if_match = info.etag;
  Source source(info.size, [&](std::span<const vfs::RangeRead> ranges) {
    files.read_ranges(path, ranges, pinned);
  });
  try {
    return read_archive(source, options);
  } catch (const Error& error) {
    throw Error(error.code(), "load " + files.url(path) + ": " + error.what());
  }
}

}  // namespace cairn::checkpoint::format
