#include "vfs/file/temporary.hpp"

#include <cerrno>
#include <ctime>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "vfs/base/text.hpp"
#include "vfs/file/publish.hpp"

namespace cairn::vfs::file {
namespace {

// Does not hold the target's name: that may be as long as the file system allows.
constexpr std::string_view kPrefix = ".cairn-";
constexpr std::string_view kSuffix = ".tmp";
constexpr std::time_t kStaleSeconds = 600;

}  // namespace

bool is_temporary_name(std::string_view name) {
  if (name.size() != kPrefix.size() + 16 + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  const auto digits = name.substr(kPrefix.size(), 16);
  return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

int sweep_temporaries(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), &::closedir);
  if (!directory) return 0;
  int removed = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (!is_temporary_name(entry->d_name)) continue;
    const Descriptor fd(::openat(::dirfd(directory.get()), entry->d_name,
                                 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status{};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0) continue;
    if (std::time(nullptr) - status.st_mtim.tv_sec < kStaleSeconds) continue;
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;  // its writer lives
    if (::unlinkat(::dirfd(directory.get()), entry->d_name, 0) == 0) ++removed;
  }
  return removed;
}

Temporary::Temporary(std::string target, Random& random, const Call& call)
    : target_(std::move(target)) {
  mode_ = prepare_target(target_, call);
  const std::string folder = folder_of(target_);
  do {
    name_ = folder + '/';
    name_ += kPrefix;
    name_ += to_hex(random.next());
    name_ += kSuffix;
    file_ = open_file(name_, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  } while (!file_.valid() && errno == EEXIST);
  if (!file_.valid()) {
    const int error = errno;
    name_.clear();
    throw_errno(error, call);
  }
  // Where there are no locks, sweep_temporaries can't lock it either and leaves it alone.
  static_cast<void>(::flock(file_.get(), LOCK_EX | LOCK_NB));
}

Temporary::~Temporary() {
  discard();
}

void Temporary::discard() noexcept {
  if (!name_.empty()) ::unlink(name_.c_str());
  name_.clear();
  file_ = Descriptor();
}

void Temporary::reserve(std::uint64_t size, const Call& call) const {
  if (size == 0) return;
  while (::fallocate(fd(), 0, 0, static_cast<off_t>(size)) != 0) {
    if (errno == EINTR) continue;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) throw_errno(errno, call);
    return;
  }
}

WriteResult Temporary::publish(const WriteOptions& options, const Call& call) {
  if (::fchmod(fd(), mode_) != 0) throw_errno(errno, call);
  sync(fd(), call);
  struct stat status{};
  if (::fstat(fd(), &status) != 0) throw_errno(errno, call);
  give_name(name_, target_, options, call);
  name_.clear();
  file_ = Descriptor();
  sync_folder(folder_of(target_), call);
  return {.size = static_cast<std::uint64_t>(status.st_size), .etag = etag_of(status)};
}

}  // namespace cairn::vfs::file
