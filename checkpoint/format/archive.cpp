#include "checkpoint/format/archive.hpp"

#include "checkpoint/format/archive_reader.hpp"
#include "checkpoint/format/archive_writer.hpp"
#include "checkpoint/format/file.hpp"
#include "checkpoint/format/source.hpp"

namespace cairn::checkpoint::format {

vfs::WriteResult save(const vfs::FileSystem& files, const vfs::Path& path, const Value& root,
                      const SaveOptions& options) {
  const vfs::Body body =
      naming("save", files.url(path), [&] { return write_archive(root, options); });
  return files.write(path, body, options.write);
}

Value load(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options) {
  Source source = Source::open(files, path, options.read);
  return naming("load", files.url(path), [&] { return read_archive(source, options); });
}

}  // namespace cairn::checkpoint::format
