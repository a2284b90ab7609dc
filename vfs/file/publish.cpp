#include "vfs/file/publish.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "vfs/base/fail.hpp"

namespace cairn::vfs::file {
namespace {

/// Each new folder's name is made durable in its parent.
void make_folders(const std::string& folder, const Call& call) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) == 0) {
    if (!S_ISDIR(status.st_mode)) throw_errno(ENOTDIR, call);
    return;
  }
  if (errno != ENOENT) throw_errno(errno, call);
  const auto end = folder.find_last_not_of('/');
  const std::string parent = folder_of(folder.substr(0, end + 1));
  make_folders(parent, call);
  if (::mkdir(folder.c_str(), 0777) != 0) {
    if (errno != EEXIST) throw_errno(errno, call);
    return;  // somebody else was faster
  }
  sync_folder(parent, call);
}

/// What the kernel would give a new file here. umask(2) can be read only by changing it, for all
/// threads at once.
mode_t mode_of_new_files() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Umask:")) {
      return 0666U & ~static_cast<mode_t>(std::strtoul(line.c_str() + 6, nullptr, 8));
    }
  }
  return 0600;
}

/// Refuses what a rename would destroy. Returns the mode that the new file shall have.
mode_t check_target(const std::string& target, const Call& call) {
  struct stat status{};
  if (target.ends_with('/')) throw_errno(EISDIR, call);
  if (::lstat(target.c_str(), &status) != 0) {
    if (errno != ENOENT) throw_errno(errno, call);
    return mode_of_new_files();
  }
  if (S_ISDIR(status.st_mode)) throw_errno(EISDIR, call);
  if (S_ISLNK(status.st_mode)) return mode_of_new_files();
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::invalid_argument, call.operation, call.url, "it is a device, pipe or socket");
  }
  return status.st_mode & 07777U;
}

/// Serialises publishers of one folder, so that an etag which was just compared is the one that is
/// replaced.
class FolderLock {
 public:
  FolderLock(const std::string& folder, const Call& call)
      : folder_(open_file(folder, O_RDONLY | O_DIRECTORY)) {
    if (!folder_.valid()) throw_errno(errno, call);
    while (::flock(folder_.get(), LOCK_EX) != 0 && errno == EINTR) {
      check_call(call.options, call.operation, call.url);
    }
  }
  /// By name, not by closing only: a child that was forked meanwhile holds a copy of the
  /// descriptor, and would wait for itself.
  ~FolderLock() { static_cast<void>(::flock(folder_.get(), LOCK_UN)); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  Descriptor folder_;
};

void check_etag(const std::string& target, const std::string& etag, const Call& call) {
  struct stat status{};
  if (::stat(target.c_str(), &status) != 0) {
    if (errno != ENOENT) throw_errno(errno, call);
    fail(ErrorCode::precondition_failed, call.operation, call.url, "the file is gone");
  }
  if (etag_of(status) != etag) {
    fail(ErrorCode::precondition_failed, call.operation, call.url, "the file has changed");
  }
}

void rename_if_absent(const std::string& from, const std::string& to, const Call& call) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) throw_errno(errno, call);
  // A file system without that flag: a hard link refuses an existing name as well.
  if (::link(from.c_str(), to.c_str()) != 0) throw_errno(errno, call);
  ::unlink(from.c_str());
}

}  // namespace

void sync_folder(const std::string& folder, const Call& call) {
  const Descriptor fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) throw_errno(errno, call);
  // Some network and FUSE file systems have no fsync for folders; there is nothing more to do
  // there.
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != ENOTSUP) throw_errno(errno, call);
}

mode_t prepare_target(const std::string& target, const Call& call) {
  const mode_t mode = check_target(target, call);
  make_folders(folder_of(target), call);
  return mode;
}

void give_name(const std::string& from, const std::string& target, const WriteOptions& options,
               const Call& call) {
  const FolderLock lock(folder_of(target), call);
  if (!options.if_match.empty()) check_etag(target, options.if_match, call);
  if (options.if_absent) {
    rename_if_absent(from, target, call);
  } else if (::rename(from.c_str(), target.c_str()) != 0) {
    throw_errno(errno, call);
  }
}

}  // namespace cairn::vfs::file
