// FileSystem's calls that only some stores serve.
#include "vfs/powers.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace cairn::vfs {
namespace {

template <class Power>
Power& need(Store& store, const char* operation, const Path& path) {
  if (auto* power = dynamic_cast<Power*>(&store)) return *power;
  fail(ErrorCode::unsupported, operation, store.url(path), "this store can't do that");
}

/// The file itself, or what is below the directory of that name: "run" is not "run2".
bool belongs(const Path& name, const Path& path) {
  if (path.empty() || name == path) return true;
  if (!name.string().starts_with(path.string())) return false;
  return path.has_trailing_slash() || name.string()[path.string().size()] == '/';
}

struct UploadList {
  std::vector<UnfinishedUpload> uploads{};
  TimePoint now{};
};

/// With paths of the store.
UploadList all_uploads(Uploads& store, const Path& path, const CallOptions& options) {
  UploadList list;
  std::string token;
  do {
    UploadPage page = store.list_uploads_page(path, token, options);
    for (UnfinishedUpload& upload : page.entries) {
      if (belongs(upload.path, path)) list.uploads.push_back(std::move(upload));
    }
    list.now = page.now;
    token = std::move(page.next_page_token);
  } while (!token.empty());
  return list;
}

}  // namespace

Secret FileSystem::sign(const Path& path, const SignOptions& options) const {
  const Path file = in_store(path);
  if (file.empty() || file.has_trailing_slash()) {
    fail(ErrorCode::is_a_directory, "sign", store_->url(file), "a signed URL is for one file");
  }
  return need<Presigner>(*store_, "sign", file).sign(file, options);
}

std::vector<FileVersion> FileSystem::list_versions(const Path& path,
                                                   const CallOptions& options) const {
  const Path above = in_store(path);
  auto& store = need<Versions>(*store_, "list_versions", above);
  std::vector<FileVersion> versions;
  std::string token;
  do {
    VersionPage page = store.list_versions_page(above, token, options);
    for (FileVersion& version : page.entries) {
      if (!belongs(version.info.path, above)) continue;
      version.info.path = below_root(std::move(version.info.path));
      versions.push_back(std::move(version));
    }
    token = std::move(page.next_page_token);
  } while (!token.empty());
  // Pages hold the versions and the delete markers of a name each in order, but maybe apart.
  std::ranges::stable_sort(versions, [](const FileVersion& left, const FileVersion& right) {
    if (left.info.path != right.info.path) return left.info.path < right.info.path;
    return left.latest && !right.latest;
  });
  return versions;
}

std::optional<FileInfo> FileSystem::stat_version(const Path& path, const std::string& version,
                                                 const CallOptions& options) const {
  const Path file = in_store(path);
  auto info = need<Versions>(*store_, "stat_version", file).stat_version(file, version, options);
  if (info) info->path = path;
  return info;
}

void FileSystem::remove_version(const Path& path, const std::string& version,
                                const CallOptions& options) const {
  const Path file = in_store(path);
  auto& store = need<Versions>(*store_, "remove_version", file);
  if (version.empty()) {
    fail(ErrorCode::invalid_argument, "remove_version", store_->url(file), "no version is named");
  }
  store.remove_version(file, version, options);
}

void FileSystem::check_version(const Path& path, const std::string& version) const {
  if (!version.empty()) static_cast<void>(need<Versions>(*store_, "read", in_store(path)));
}

MappedFile FileSystem::map(const Path& path, const ReadOptions& options) const {
  check_version(path, options.version);
  const Path file = in_store(path);
  MappedFile mapped = need<Mapper>(*store_, "map", file).map(file, options);
  mapped.info.path = path;
  return mapped;
}

std::vector<UnfinishedUpload> FileSystem::list_uploads(const Path& path,
                                                       const CallOptions& options) const {
  const Path above = in_store(path);
  auto& store = need<Uploads>(*store_, "list_uploads", above);
  UploadList list = all_uploads(store, above, options);
  for (UnfinishedUpload& upload : list.uploads) upload.path = below_root(std::move(upload.path));
  return std::move(list.uploads);
}

std::vector<UnfinishedUpload> FileSystem::remove_stale_uploads(const Path& path,
                                                               std::chrono::seconds older_than,
                                                               const CallOptions& options) const {
  const Path above = in_store(path);
  auto& store = need<Uploads>(*store_, "remove_stale_uploads", above);
  if (older_than < std::chrono::seconds(0)) {
    fail(ErrorCode::invalid_argument, "remove_stale_uploads", store_->url(above),
         "an age can't be negative");
  }
  auto [uploads, now] = all_uploads(store, above, options);
  std::erase_if(uploads, [limit = now - older_than](const UnfinishedUpload& upload) {
    return upload.started >= limit;
  });
  const Services& services = context_->services();
  services.pool->for_each(
      uploads.size(), static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t index, std::stop_token stop) {
        store.abort_upload(uploads[index].path, uploads[index].id,
                           {.stop = std::move(stop), .deadline = options.deadline});
      },
      options.stop);
  for (UnfinishedUpload& upload : uploads) upload.path = below_root(std::move(upload.path));
  return uploads;
}

}  // namespace cairn::vfs
