#include "vfs/file/store.hpp"

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "vfs/base/fail.hpp"
#include "vfs/base/per_process.hpp"
#include "vfs/base/services.hpp"
#include "vfs/context.hpp"
#include "vfs/file/listing.hpp"
#include "vfs/file/publish.hpp"
#include "vfs/file/temporary.hpp"
#include "vfs/file/upload.hpp"
#include "vfs/powers.hpp"

namespace cairn::vfs {
namespace file {
namespace {

constexpr Capabilities kCapabilities{
    .create_only = true,
    .replace_if_match = true,
    .server_side_copy = true,
    .create_only_copy = true,
    .atomic_move = true,
    .directories = true,
    .ordered_listing = true,
    .parallel_parts = true,
    .maps = true,
};

/// How many folders' names are remembered as swept.
constexpr std::size_t kMaxSwept = 1024;

struct Source {
  Descriptor fd;
  struct stat status;
};

Source open_source(const std::string& path, const Call& call) {
  Source source{open_file(path, O_RDONLY), {}};
  if (!source.fd.valid()) throw_errno(errno, call);
  if (::fstat(source.fd.get(), &source.status) != 0) throw_errno(errno, call);
  if (S_ISDIR(source.status.st_mode)) throw_errno(EISDIR, call);
  return source;
}

/// The kernel copies (and shares blocks) where it can, else we do.
void copy_bytes(int from, int to, std::uint64_t size, const Call& call) {
  constexpr std::size_t kChunk = 16UL << 20;
  off_t in = 0;
  off_t out = 0;
  Buffer buffer;
  while (static_cast<std::uint64_t>(in) < size) {
    check_call(call.options, call.operation, call.url);
    if (buffer.empty()) {
      const ssize_t count = ::copy_file_range(from, &in, to, &out, kChunk, 0);
      if (count > 0 || (count < 0 && errno == EINTR)) continue;
      if (count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
        throw_errno(errno, call);
      buffer = Buffer(kChunk);
    }
    const auto offset = static_cast<std::uint64_t>(in);
    const std::size_t count = read_at(from, offset, buffer.span(), call);
    if (count == 0) break;  // it has become shorter
    write_at(to, offset, std::as_const(buffer).span().first(count), call);
    in += static_cast<off_t>(count);
  }
}

/// "d/": an empty folder, or a link to a folder (which is never followed). Returns an errno.
int remove_folder(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (::rmdir(path.c_str()) == 0) return 0;
  if (errno == ENOTDIR) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return ENOTDIR;
    return ::unlink(path.c_str()) == 0 ? 0 : errno;
  }
  if (errno != ENOTEMPTY && errno != EEXIST) return errno;
  if (sweep_temporaries(path) == 0) return ENOTEMPTY;
  return ::rmdir(path.c_str()) == 0 ? 0 : errno;
}

class FileStore final : public Store, public Mapper {
 public:
  explicit FileStore(Services& services) : random_(services.random) {}

  const Capabilities& capabilities() const override { return kCapabilities; }
  std::string url(const Path& path) const override { return Url("file", {}, path).string(); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    const Call call = begin("stat", path, options);
    struct stat status{};
    if (::stat(native(path, call).c_str(), &status) == 0) return info_of(path, status);
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw_errno(errno, call);
  }

  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override {
    const Call call = begin("read", path, options.call);
    const Source source = open_source(native(path, call), call);
    const FileInfo info = info_of(path, source.status);
    const std::size_t count = read_at(source.fd.get(), offset, out, call);
    if (!options.if_match.empty()) {
      struct stat after{};
      if (::fstat(source.fd.get(), &after) != 0) throw_errno(errno, call);
      if (info.etag != options.if_match || etag_of(after) != options.if_match) {
        fail(ErrorCode::precondition_failed, "read", call.url, "the file has changed");
      }
    }
    return {count, info};
  }

  MappedFile map(const Path& path, const ReadOptions& options) override {
    const Call call = begin("map", path, options.call);
    const Source source = open_source(native(path, call), call);
    const FileInfo info = info_of(path, source.status);
    if (!options.if_match.empty() && info.etag != options.if_match) {
      fail(ErrorCode::precondition_failed, "map", call.url, "the file has changed");
    }
    MappedFile mapped = map_privately(source.fd.get(), info.size, call);
    mapped.info = info;
    return mapped;
  }

  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    const Call call = begin("write", path, options.call);
    const auto temporary = make_temporary(path, call);
    temporary->reserve(body.size(), call);
    write_at(temporary->fd(), 0, body, call);
    return temporary->publish(options, call);
  }

  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    const Call call = begin("write", path, options.call);
    return make_upload(make_temporary(path, call), call.url, options);
  }

  ListPage list_page(const Path& prefix, const ListOptions& options) override {
    const Call call = begin("list", prefix, options.call);
    static_cast<void>(native(prefix, call));
    return {list_folder({prefix, options.recursive, options.start_after}, call), {}};
  }

  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override;

  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    const Call read = begin("copy", from, options.call);
    const Call write = begin("copy to", to, options.call);
    const Source source = open_source(native(from, read), read);
    const auto size = static_cast<std::uint64_t>(source.status.st_size);
    const auto temporary = make_temporary(to, write);
    temporary->reserve(size, write);
    copy_bytes(source.fd.get(), temporary->fd(), size, write);
    return temporary->publish(options, write);
  }

  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override;

 private:
  Call begin(const char* operation, const Path& path, const CallOptions& options) const {
    Call call{operation, url(path), options};
    check_call(options, operation, call.url);
    return call;
  }

  std::unique_ptr<Temporary> make_temporary(const Path& path, const Call& call);

  const std::shared_ptr<Random> random_;
  /// Folders that were looked through for stale files.
  struct Swept {
    std::mutex mutex{};
    std::set<std::string> folders{};  // guarded by mutex
  };
  PerProcess<Swept> swept_;
};

std::unique_ptr<Temporary> FileStore::make_temporary(const Path& path, const Call& call) {
  const std::string target = native(path, call);
  auto temporary = std::make_unique<Temporary>(target, *random_, call);
  const std::string folder = folder_of(target);
  {
    Swept& swept = swept_.get();
    const std::lock_guard lock(swept.mutex);
    if (swept.folders.size() >= kMaxSwept) swept.folders.clear();
    if (!swept.folders.insert(folder).second) return temporary;
  }
  sweep_temporaries(folder);
  return temporary;
}

std::vector<RemoveResult> FileStore::remove(std::span<const Path> paths,
                                            const CallOptions& options) {
  std::vector<RemoveResult> results;
  for (const Path& path : paths) {
    const Call call = begin("remove", path, options);
    const std::string name = native(path, call);
    const bool folder = path.has_trailing_slash();
    const int error = folder ? remove_folder(name) : ::unlink(name.c_str()) == 0 ? 0 : errno;
    const bool absent = error == 0 || error == ENOENT || (error == ENOTDIR && !folder);
    results.push_back({.path = path});
    if (absent) continue;
    results.back().code = code_of(error);
    results.back().error = std::generic_category().message(error);
  }
  return results;
}

WriteResult FileStore::move(const Path& from, const Path& to, const WriteOptions& options) {
  const Call read = begin("move", from, options.call);
  const Call write = begin("move to", to, options.call);
  const std::string source = native(from, read);
  const std::string target = native(to, write);
  const struct stat status = open_source(source, read).status;
  prepare_target(target, write);
  struct stat folder{};
  if (::stat(folder_of(target).c_str(), &folder) != 0) throw_errno(errno, write);
  if (folder.st_dev != status.st_dev) {  // no rename across file systems
    const WriteResult result = copy(from, to, options);
    if (::unlink(source.c_str()) != 0) throw_errno(errno, read);
    return result;
  }
  give_name(source, target, options, write);
  sync_folder(folder_of(target), write);
  if (folder_of(source) != folder_of(target)) sync_folder(folder_of(source), read);
  return {.size = static_cast<std::uint64_t>(status.st_size), .etag = etag_of(status)};
}

}  // namespace
}  // namespace file

std::shared_ptr<Store> make_file_store(const Url& /*root*/, Context& context) {
  return std::make_shared<file::FileStore>(context.services());
}

}  // namespace cairn::vfs
