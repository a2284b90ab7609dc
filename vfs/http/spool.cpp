#include "vfs/http/spool.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfs/base/fail.hpp"

namespace cairn::vfs::http {
namespace {

/// Where the file system knows no O_TMPFILE, a name is taken and given up at once.
int open_nameless(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || errno == ENOENT || errno == EACCES) return file;
  std::string name = folder + "/cairn-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

Spool::Spool(const std::string& folder, std::string url)
    : url_(std::move(url)), file_(open_nameless(folder)) {
  if (file_ < 0) fail_with(errno);
}

Spool::~Spool() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_size_);
  if (file_ >= 0) ::close(file_);
}

void Spool::fail_with(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  fail(full ? ErrorCode::no_space : ErrorCode::io, "write", url_,
       "the temporary file that a file is put together in: " +
           std::generic_category().message(error),
       "it is made in TMPDIR, or else in /tmp: there has to be room for the whole file");
}

Spool::Extent Spool::append(const Body& body) {
  Extent extent{.size = body.size()};
  {
    const std::lock_guard lock(mutex_);
    extent.offset = size_;
    size_ += extent.size;
  }
  std::uint64_t at = extent.offset;
  for (const Body::Segment& segment : body.segments()) {
    std::span<const std::byte> rest = segment.bytes;
    while (!rest.empty()) {
      const ssize_t written = ::pwrite(file_, rest.data(), rest.size(), static_cast<off_t>(at));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_with(errno);
      at += static_cast<std::uint64_t>(written);
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
  }
  return extent;
}

std::span<const std::byte> Spool::map() {
  const std::lock_guard lock(mutex_);
  if (size_ == 0) return {};
  if (mapped_ == nullptr) {
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_, 0);
    if (mapped == MAP_FAILED) fail_with(errno);
    mapped_ = mapped;
    mapped_size_ = size_;
  }
  return {static_cast<const std::byte*>(mapped_), mapped_size_};
}

}  // namespace cairn::vfs::http
