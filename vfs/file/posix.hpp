// What every file of this folder needs of POSIX: descriptors that close, errno as Error, whole
// reads and writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <sys/stat.h>

#include "vfs/bytes.hpp"
#include "vfs/error.hpp"
#include "vfs/powers.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::file {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_{-1};
};

/// What is being done to which file, for error texts and for the caller's wish to stop.
struct Call {
  const char* operation;
  std::string url;
  CallOptions options{};
};

[[nodiscard]] ErrorCode code_of(int error);
/// Throws the Error that `error` (an errno) stands for.
[[noreturn]] void throw_errno(int error, const Call& call);

/// The path for the operating system: "" is ".". Throws for a zero byte.
[[nodiscard]] std::string native(const Path& path, const Call& call);
/// The folder that holds the file: "." or "/" at the least.
[[nodiscard]] std::string folder_of(const std::string& file);

/// open(2) with O_CLOEXEC; not valid on failure, errno is set.
[[nodiscard]] Descriptor open_file(const std::string& path, int flags, mode_t mode = 0);

/// Fills `out` from `offset`; fewer bytes only at the end.
std::size_t read_at(int fd, std::uint64_t offset, std::span<std::byte> out, const Call& call);
void write_at(int fd, std::uint64_t offset, const Body& body, const Call& call);
void sync(int fd, const Call& call);
/// The first `size` bytes, copied on write.
[[nodiscard]] MappedFile map_privately(int fd, std::uint64_t size, const Call& call);

/// Inode, time of change and size: a replaced file has another inode, a file changed in place
/// another time.
[[nodiscard]] std::string etag_of(const struct stat& status);
[[nodiscard]] FileInfo info_of(const Path& path, const struct stat& status);

}  // namespace cairn::vfs::file
