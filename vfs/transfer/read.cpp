// Ranged reads: split, merged, in parallel, all of one version of the file.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/transfer/plan.hpp"
#include "vfs/transfer/transfer.hpp"

namespace cairn::vfs::transfer {
namespace {

/// What a first request asks for when the size is not known: small files come whole.
constexpr std::uint64_t kFirstRead = 4ULL << 20;

/// The version that the first answer came from; requests that begin later ask for it, and all
/// answers must be of it.
class Version {
 public:
  explicit Version(std::string etag) { info_.etag = std::move(etag); }

  [[nodiscard]] std::string etag() const {
    const std::lock_guard lock(mutex_);
    return info_.etag;
  }
  /// False: the answer is of another version.
  [[nodiscard]] bool accept(const FileInfo& info) {
    const std::lock_guard lock(mutex_);
    if (!info_.etag.empty() && !info.etag.empty() && info.etag != info_.etag) return false;
    if (known_) return true;
    const std::string etag = info.etag.empty() ? info_.etag : info.etag;
    info_ = info;
    info_.etag = etag;
    known_ = true;
    return true;
  }
  [[nodiscard]] FileInfo info() const {
    const std::lock_guard lock(mutex_);
    return info_;
  }

 private:
  mutable std::mutex mutex_;
  FileInfo info_;      // guarded by mutex_
  bool known_{false};  // guarded by mutex_
};

PlanLimits limits_of(const Target& target) {
  const TransferOptions& options = target.services.config.transfer;
  return {
      .coalesce_gap = options.coalesce_gap,
      .piece = options.part_size > 0 ? options.part_size : target.store.capabilities().part_size,
      .parallel = static_cast<std::uint64_t>(std::max(options.parallel, 1))};
}

[[noreturn]] void fail_short(const Target& target, const Path& path, const Fetch& fetch,
                             const ReadResult& result) {
  const std::uint64_t end = fetch.offset + fetch.length;
  const std::uint64_t size = std::max<std::uint64_t>(result.info.size, fetch.offset + result.bytes);
  const std::string range = "bytes " + std::to_string(fetch.offset) + " to " + std::to_string(end);
  if (result.info.size >= end) {
    fail(ErrorCode::corrupt, "read", target.store.url(path),
         range + " were asked for and only " + std::to_string(result.bytes) + " bytes came");
  }
  fail(ErrorCode::invalid_argument, "read", target.store.url(path),
       range + " reach past the end of the file" +
           (result.bytes > 0 || result.info.size > 0 ? " of " + std::to_string(size) + " bytes"
                                                     : ""));
}

void run(const Target& target, const Path& path, const Fetch& fetch, Version& version,
         CallOptions call) {
  const ReadOptions options{.if_match = version.etag(), .call = std::move(call)};
  Buffer detour;
  if (!fetch.direct()) detour = Buffer(fetch.length);
  const auto into = fetch.direct() ? fetch.pieces.front().into : detour.span();
  const ReadResult result = target.store.read(path, fetch.offset, into, options);
  if (!version.accept(result.info)) {
    fail(ErrorCode::precondition_failed, "read", target.store.url(path),
         "the file changed while it was read");
  }
  if (result.bytes != fetch.length) fail_short(target, path, fetch, result);
  if (fetch.direct()) return;
  for (const Piece& piece : fetch.pieces) {
    std::memcpy(piece.into.data(), detour.data() + (piece.offset - fetch.offset),
                piece.into.size());
  }
}

FileInfo stat_file(const Target& target, const Path& path, const ReadOptions& options) {
  auto info = target.store.stat(path, options.call);
  if (!info) fail(ErrorCode::not_found, "read", target.store.url(path));
  if (!options.if_match.empty() && info->etag != options.if_match) {
    fail(ErrorCode::precondition_failed, "read", target.store.url(path), "the file has changed");
  }
  return *std::move(info);
}

}  // namespace

FileInfo read_ranges(const Target& target, const Path& path, std::span<const RangeRead> ranges,
                     const ReadOptions& options) {
  const PlanLimits limits = limits_of(target);
  const std::vector<Fetch> fetches = plan_fetches(ranges, limits);
  if (fetches.empty()) return stat_file(target, path, options);

  Version version(options.if_match);
  target.services.pool->for_each(
      fetches.size(), limits.parallel,
      [&](std::size_t index, std::stop_token stop) {
        run(target, path, fetches[index], version,
            {.stop = std::move(stop), .deadline = options.call.deadline});
      },
      options.call.stop);
  FileInfo info = version.info();
  info.path = path;
  return info;
}

Buffer download(const Target& target, const Path& path, const ReadOptions& options) {
  Buffer first(kFirstRead);
  const ReadResult result = target.store.read(path, 0, first.span(), options);
  std::uint64_t size = result.info.size;
  if (result.bytes == kFirstRead && size == 0) size = stat_file(target, path, options).size;
  if (result.bytes < kFirstRead && size > result.bytes) {
    fail(ErrorCode::corrupt, "read", target.store.url(path),
         "the file has " + std::to_string(size) + " bytes and only " +
             std::to_string(result.bytes) + " came");
  }
  size = std::max<std::uint64_t>(size, result.bytes);

  Buffer whole(size);
  std::memcpy(whole.data(), first.data(), result.bytes);
  first = Buffer();
  if (size == result.bytes) return whole;
  const RangeRead rest{result.bytes, whole.span().subspan(result.bytes)};
  ReadOptions pinned = options;
  if (!result.info.etag.empty()) pinned.if_match = result.info.etag;
  read_ranges(target, path, std::span(&rest, 1), pinned);
  return whole;
}

}  // namespace cairn::vfs::transfer
