#include "vfs/file/posix.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vfs/base/fail.hpp"
#include "vfs/base/text.hpp"

namespace cairn::vfs::file {
namespace {

/// Between two looks at the caller's stop and deadline.
constexpr std::size_t kStep = 16UL << 20;
constexpr std::size_t kVectors = 64;

std::string hint_of(int error) {
  if (error == EROFS) return "the file system is mounted read-only";
  if (error == EMFILE) return "raise the limit of open files (ulimit -n)";
  return {};
}

/// The next spans of a body as iovec, at most kVectors of them and kStep bytes.
class Vectors {
 public:
  explicit Vectors(const Body& body) : segments_(body.segments()) {}

  std::span<iovec> next() {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (std::size_t i = segment_; i < segments_.size() && count < kVectors && bytes < kStep; ++i) {
      const auto rest = segments_[i].bytes.subspan(i == segment_ ? offset_ : 0);
      const std::size_t take = std::min(rest.size(), kStep - bytes);
      vectors_[count++] = {const_cast<std::byte*>(rest.data()),
                           take};  // NOLINT: pwritev only reads
      bytes += take;
    }
    return std::span(vectors_).first(count);
  }

  void skip(std::size_t bytes) {
    while (bytes > 0) {
      const std::size_t rest = segments_[segment_].bytes.size() - offset_;
      if (bytes < rest) {
        offset_ += bytes;
        return;
      }
      bytes -= rest;
      offset_ = 0;
      ++segment_;
    }
  }

 private:
  std::span<const Body::Segment> segments_;
  std::size_t segment_{0};
  std::size_t offset_{0};
  std::array<iovec, kVectors> vectors_{};
};

}  // namespace

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission_denied;
    case EISDIR:
      return ErrorCode::is_a_directory;
    case ENOTDIR:
      return ErrorCode::not_a_directory;
    case ENOTEMPTY:
      return ErrorCode::not_empty;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorCode::no_space;
    case ENAMETOOLONG:
    case EINVAL:
    case ELOOP:
      return ErrorCode::invalid_argument;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorCode::unavailable;
    case ETIMEDOUT:
      return ErrorCode::timeout;
    default:
      return ErrorCode::io;
  }
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

void throw_errno(int error, const Call& call) {
  fail(code_of(error), call.operation, call.url, std::generic_category().message(error),
       hint_of(error));
}

std::string native(const Path& path, const Call& call) {
  if (path.string().find('\0') != std::string::npos) {
    fail(ErrorCode::invalid_argument, call.operation, {}, "the path has a zero byte");
  }
  return path.empty() ? "." : path.string();
}

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

Descriptor open_file(const std::string& path, int flags, mode_t mode) {
  for (;;) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return Descriptor(fd);
  }
}

std::size_t read_at(int fd, std::uint64_t offset, std::span<std::byte> out, const Call& call) {
  std::size_t done = 0;
  while (done < out.size()) {
    check_call(call.options, call.operation, call.url);
    const std::size_t wanted = std::min(kStep, out.size() - done);
    const ssize_t count = ::pread(fd, out.data() + done, wanted, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, call);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void write_at(int fd, std::uint64_t offset, const Body& body, const Call& call) {
  Vectors vectors(body);
  const std::uint64_t end = offset + body.size();
  while (offset < end) {
    check_call(call.options, call.operation, call.url);
    const auto next = vectors.next();
    const ssize_t count =
        ::pwritev(fd, next.data(), static_cast<int>(next.size()), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, call);
    if (count == 0) throw_errno(EIO, call);
    vectors.skip(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void sync(int fd, const Call& call) {
  // Never repeated on the same descriptor: after a failure the kernel may have dropped the dirty
  // pages.
  if (::fsync(fd) != 0) throw_errno(errno, call);
}

MappedFile map_privately(int fd, std::uint64_t size, const Call& call) {
  if (size == 0) return {};  // which mmap refuses
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) throw_errno(errno, call);
  return {.bytes = {static_cast<std::byte*>(memory), size},
          .owner = std::shared_ptr<void>(memory, [size](void* all) { ::munmap(all, size); })};
}

std::string etag_of(const struct stat& status) {
  const auto nanoseconds = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000U +
                           static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
  return '"' + to_hex(status.st_ino) + '-' + to_hex(nanoseconds) + '-' +
         to_hex(static_cast<std::uint64_t>(status.st_size)) + '"';
}

FileInfo info_of(const Path& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return {.path = path, .type = FileType::directory};
  const auto since_epoch = std::chrono::seconds(status.st_mtim.tv_sec) +
                           std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {.path = path,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified = TimePoint(std::chrono::duration_cast<TimePoint::duration>(since_epoch)),
          .etag = etag_of(status)};
}

}  // namespace cairn::vfs::file
