// FileSystem: paths get their root, and the work goes to tree and transfer.
#include "vfs/file_system.hpp"

#include <utility>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/context.hpp"
#include "vfs/copy.hpp"
#include "vfs/transfer/open.hpp"
#include "vfs/transfer/transfer.hpp"
#include "vfs/tree/tree.hpp"

namespace cairn::vfs {
namespace {

transfer::Target target_of(const FileSystem& file_system) {
  return {file_system.store(), file_system.context().services()};
}

/// Files have names, and a '/' at the end makes a directory of one.
void check_file_name(const Store& store, const Path& path, const char* operation) {
  if (path.empty())
    fail(ErrorCode::is_a_directory, operation, store.url(path), "the path is empty");
  if (path.has_trailing_slash()) {
    fail(ErrorCode::is_a_directory, operation, store.url(path), "the path ends in '/'");
  }
}

WriteResult unchanged(const Store& store, const std::optional<FileInfo>& info, const Path& path,
                      const char* operation) {
  if (!info) fail(ErrorCode::not_found, operation, store.url(path));
  return {.size = info->size, .etag = info->etag, .version = info->version};
}

}  // namespace

FileSystem::FileSystem(std::shared_ptr<Store> store, std::shared_ptr<Context> context)
    : context_(std::move(context)), store_(std::move(store)) {}

FileSystem FileSystem::open(std::string_view url, Config config) {
  Location location = Context::make(std::move(config))->resolve(url);
  location.file_system.root_ = std::move(location.path);
  return std::move(location.file_system);
}

const Capabilities& FileSystem::capabilities() const {
  return store_->capabilities();
}
std::string FileSystem::url(const Path& path) const {
  return store_->url(in_store(path));
}
Path FileSystem::in_store(const Path& path) const {
  return root_ / path.string();
}

Path FileSystem::below_root(Path path) const {
  if (root_.empty()) return path;
  const std::string_view text = path.string();
  const std::size_t skip = root_.string().size() + (root_.has_trailing_slash() ? 0 : 1);
  return Path(text.size() > skip ? text.substr(skip) : std::string_view());
}

std::vector<FileInfo> FileSystem::below_root(std::vector<FileInfo> entries) const {
  for (FileInfo& info : entries) info.path = below_root(std::move(info.path));
  return entries;
}

std::optional<FileInfo> FileSystem::stat(const Path& path, const CallOptions& options) const {
  auto info = tree::stat(*store_, in_store(path), options);
  if (info) info->path = path;
  return info;
}

bool FileSystem::exists(const Path& path, const CallOptions& options) const {
  return stat(path, options).has_value();
}

std::vector<FileInfo> FileSystem::list(const Path& directory, const ListOptions& options) const {
  ListOptions in_root = options;
  if (!options.start_after.empty()) in_root.start_after = in_store(options.start_after).string();
  return below_root(tree::list(*store_, in_store(directory), in_root));
}

std::vector<FileInfo> FileSystem::glob(const Glob& pattern, const CallOptions& options) const {
  return below_root(tree::glob(*store_, *context_->services().pool, root_, pattern, options));
}

Buffer FileSystem::read(const Path& path, const ReadOptions& options) const {
  check_version(path, options.version);
  return transfer::download(target_of(*this), in_store(path), options);
}

std::string FileSystem::read_text(const Path& path, const ReadOptions& options) const {
  return std::string(read(path, options).text());
}

FileInfo FileSystem::read_ranges(const Path& path, std::span<const RangeRead> ranges,
                                 const ReadOptions& options) const {
  check_version(path, options.version);
  FileInfo info = transfer::read_ranges(target_of(*this), in_store(path), ranges, options);
  info.path = path;
  return info;
}

Reader FileSystem::open_read(const Path& path, const ReadOptions& options) const {
  check_version(path, options.version);
  return transfer::open_reader({context_, store_}, in_store(path), options);
}

WriteResult FileSystem::write(const Path& path, const Body& body,
                              const WriteOptions& options) const {
  check_file_name(*store_, in_store(path), "write");
  return transfer::upload(target_of(*this), in_store(path), body, options);
}

Writer FileSystem::open_write(const Path& path, const WriteOptions& options) const {
  check_file_name(*store_, in_store(path), "write");
  return transfer::open_writer({context_, store_}, in_store(path), options);
}

WriteResult FileSystem::copy(const Path& from, const Path& to, const WriteOptions& options) const {
  return vfs::copy({*this, from}, {*this, to}, options);
}

WriteResult FileSystem::move(const Path& from, const Path& to, const WriteOptions& options) const {
  const Path source = in_store(from);
  const Path target = in_store(to);
  check_file_name(*store_, source, "move");
  check_file_name(*store_, target, "move to");
  if (source == target)
    return unchanged(*store_, store_->stat(source, options.call), source, "move");
  return store_->move(source, target, options);
}

void FileSystem::remove(const Path& path, const CallOptions& options) const {
  const Path file = in_store(path);
  check_file_name(*store_, file, "remove");
  for (const RemoveResult& result : store_->remove(std::span(&file, 1), options)) {
    if (!result.error.empty()) fail(result.code, "remove", store_->url(file), result.error);
  }
}

std::size_t FileSystem::remove_all(const Path& directory, const CallOptions& options) const {
  return tree::remove_all(*store_, in_store(directory), options);
}

WriteResult copy(const Location& from, const Location& to, const WriteOptions& options) {
  const Path source = from.file_system.in_store(from.path);
  const Path target = to.file_system.in_store(to.path);
  Store& source_store = from.file_system.store();
  Store& target_store = to.file_system.store();
  check_file_name(source_store, source, "copy");
  check_file_name(target_store, target, "copy to");
  if (&source_store == &target_store && source_store.capabilities().server_side_copy) {
    if (source != target || !options.source_version.empty()) {
      return source_store.copy(source, target, options);
    }
    return unchanged(source_store, source_store.stat(source, options.call), source, "copy");
  }
  auto info = transfer::stat_version(source_store, source, options.source_version, options.call);
  if (!info) fail(ErrorCode::not_found, "copy", source_store.url(source));
  if (info->type == FileType::directory) {
    fail(ErrorCode::is_a_directory, "copy", source_store.url(source));
  }
  info->path = source;
  WriteOptions with_source = options;
  if (options.content_type.empty()) with_source.content_type = info->content_type;
  if (options.metadata.empty()) with_source.metadata = info->metadata;
  return transfer::stream_copy(target_of(from.file_system), *info, target_of(to.file_system),
                               target, with_source);
}

}  // namespace cairn::vfs
