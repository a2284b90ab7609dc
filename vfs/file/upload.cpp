#include "vfs/file/upload.hpp"

#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <unistd.h>

#include "vfs/base/fail.hpp"

namespace cairn::vfs::file {
namespace {

class FileUpload final : public Upload {
 public:
  FileUpload(std::unique_ptr<Temporary> temporary, std::string url, WriteOptions options)
      : temporary_(std::move(temporary)), url_(std::move(url)), options_(std::move(options)) {}

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override {
    const Call call{"write", url_, options};
    const std::optional<Plan> plan = place(index, part);
    if (!plan) return;  // kept until its place is known
    if (plan->early) write(plan->early->first, plan->early->second, plan->part_size, call);
    write(index, part, plan->part_size, call);
  }

  WriteResult commit(const CallOptions& options) override {
    const Call call{"write", url_, options};
    check_call(options, call.operation, call.url);
    const std::uint64_t size = check_parts();
    // A part that was sent again may have been longer before.
    if (::ftruncate(temporary_->fd(), static_cast<off_t>(size)) != 0) throw_errno(errno, call);
    return temporary_->publish(options_, call);
  }

  void abort() noexcept override { temporary_->discard(); }

 private:
  using Part = std::pair<std::uint32_t, Body>;
  struct Plan {
    std::uint64_t part_size;
    std::optional<Part> early;
  };

  /// Where parts go follows from the size of any part that is not the last. The first one to come
  /// might be the last: unless it is number 0 it is copied and waits for a second one; of two parts
  /// the one with the lower number is not the last.
  std::optional<Plan> place(std::uint32_t index, const Body& part) {
    const std::lock_guard lock(mutex_);
    sizes_.insert_or_assign(index, part.size());
    if (!part_size_) {
      const auto& lowest = *sizes_.begin();
      if (lowest.first != 0 && sizes_.size() == 1) {
        early_ = Part(index, Body());
        for (const auto& segment : part.segments()) early_->second.append_copy(segment.bytes);
        return std::nullopt;
      }
      part_size_ = lowest.second;
    }
    return Plan{*part_size_, std::exchange(early_, std::nullopt)};
  }

  void write(std::uint32_t index, const Body& part, std::uint64_t part_size,
             const Call& call) const {
    write_at(temporary_->fd(), index * part_size, part, call);
  }

  /// All there, all but the last of one size. Returns the size of the file.
  std::uint64_t check_parts() {
    const std::lock_guard lock(mutex_);
    std::uint64_t size = 0;
    for (const auto& [index, bytes] : sizes_) {
      const bool last = index == sizes_.rbegin()->first;
      const std::uint64_t expected = part_size_.value_or(bytes);
      if (size != index * expected || bytes > expected || (!last && bytes != expected)) {
        fail(ErrorCode::invalid_argument, "write", url_, "a part is missing or has another size");
      }
      size += bytes;
    }
    return size;
  }

  const std::unique_ptr<Temporary> temporary_;
  const std::string url_;
  const WriteOptions options_;
  std::mutex mutex_;
  std::map<std::uint32_t, std::uint64_t> sizes_;  // guarded by mutex_
  std::optional<std::uint64_t> part_size_;        // guarded by mutex_
  std::optional<Part> early_;                     // guarded by mutex_
};

}  // namespace

std::unique_ptr<Upload> make_upload(std::unique_ptr<Temporary> temporary, std::string url,
                                    WriteOptions options) {
  return std::make_unique<FileUpload>(std::move(temporary), std::move(url), std::move(options));
}

}  // namespace cairn::vfs::file
