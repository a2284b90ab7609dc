#include "checkpoint/format/archive.hpp"

#include "checkpoint/format/archive_reader.hpp"
#include "checkpoint/format/archive_writer.hpp"
#include "checkpoint/format/source.hpp"

namespace cairn::checkpoint::format {

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
  Source source = Source::open(files, path, options.read);
  try {
    return read_archive(source, options);
  } catch (const Error& error) {
    throw Error(error.code(), "load " + files.url(path) + ": " + error.what());
  }
}

}  // namespace cairn::checkpoint::format
