// Ranged reads: split, merged, in parallel, all of one version of the file.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/crypto/checksum.hpp"
#include "vfs/crypto/crc.hpp"
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
    if (!known_) {
      const std::string etag = info.etag.empty() ? info_.etag : info.etag;
      info_ = info;
      info_.etag = etag;
      known_ = true;
    }
    if (!info_.checksum) info_.checksum = info.checksum;
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
  const Capabilities& can = target.store.capabilities();
  // Where no ranges are to be had, each piece would cost all that comes before it.
  constexpr std::uint64_t kWhole = std::uint64_t{1} << 62U;
  const std::uint64_t piece = !can.ranged_reads       ? kWhole
                              : options.part_size > 0 ? options.part_size
                                                      : can.part_size;
  // Two requests for what one can fetch soon enough cost more than they save.
  const bool chosen = !can.ranged_reads || options.part_size > 0;
  return {.coalesce_gap = options.coalesce_gap,
          .piece = piece,
          .whole = chosen ? piece : 2 * piece,
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

FileInfo stat_file(const Target& target, const Path& path, const ReadOptions& options) {
  auto info = stat_version(target.store, path, options.version, options.call);
  if (!info) fail(ErrorCode::not_found, "read", target.store.url(path));
  if (!options.if_match.empty() && info->etag != options.if_match) {
    fail(ErrorCode::precondition_failed, "read", target.store.url(path), "the file has changed");
  }
  return *std::move(info);
}

/// What has come of the file before a set of ranges: nothing, or its first bytes.
struct Head {
  std::uint64_t bytes{0};
  std::optional<Checksum> of_bytes{};
  std::optional<Checksum> of_file{};
};

/// One set of ranges, fetched in parallel.
class RangedRead {
 public:
  RangedRead(const Target& target, const Path& path, std::span<const RangeRead> ranges,
             const ReadOptions& options, const Head& head)
      : target_(target),
        path_(path),
        options_(options),
        head_(head),
        limits_(limits_of(target)),
        fetches_(plan_fetches(ranges, limits_)),
        checksums_(fetches_.size()),
        digest_(std::ranges::any_of(ranges, [](const RangeRead& range) { return range.crc32; })
                    ? std::optional(ChecksumType::crc32)
                    : std::nullopt),
        sums_(fetches_.size()),
        end_(tiled_end()),
        version_(options.if_match) {}

  [[nodiscard]] bool empty() const { return fetches_.empty(); }
  void run() {
    target_.services.pool->for_each(
        fetches_.size(), limits_.parallel,
        [this](std::size_t index, const std::stop_token& stop) {
          const CallOptions call{.stop = stop, .deadline = options_.call.deadline};
          fetch(index, call);
          if (needs_checksum()) ask_for_checksum(call);
        },
        options_.call.stop);
    tell_sums();
  }
  [[nodiscard]] FileInfo info() const {
    FileInfo info = version_.info();
    info.path = path_;
    return info;
  }
  /// Of the file, as far as it is known.
  [[nodiscard]] std::optional<Checksum> checksum() const {
    const FileInfo info = version_.info();
    return info.checksum ? info.checksum : head_.of_file;
  }
  /// The bytes have the checksum that the store keeps of the file, or that can't be told: only the
  /// whole file has one.
  [[nodiscard]] bool is_intact() const;
  /// The checksum of all that was read, if each answer came with one of that type.
  [[nodiscard]] std::optional<std::uint64_t> combine(ChecksumType type) const;

 private:
  void fetch(std::size_t index, CallOptions call);
  void ask_for_checksum(const CallOptions& call);
  /// Of each range from its pieces, which follow each other.
  void tell_sums() const;
  /// Where the fetches end if they follow the head and each other without a gap or an overlap; else
  /// 0.
  [[nodiscard]] std::uint64_t tiled_end() const;
  /// All of the file is read, and no answer so far told its checksum: answers to ranges rarely do.
  [[nodiscard]] bool needs_checksum() {
    if (!target_.store.capabilities().checksums || end_ == 0) return false;
    const FileInfo info = version_.info();
    return info.size == end_ && !info.checksum && !head_.of_file && !asked_.exchange(true);
  }

  const Target& target_;
  const Path& path_;
  const ReadOptions& options_;
  const Head head_;
  const PlanLimits limits_;
  const std::vector<Fetch> fetches_;
  std::vector<std::optional<Checksum>> checksums_;  // of each fetch; each its own thread
  const std::optional<ChecksumType> digest_;        // CRC-32, if ranges ask for it
  std::vector<std::vector<std::uint32_t>> sums_;    // then: of each piece of each fetch
  const std::uint64_t end_;
  Version version_;
  std::atomic<bool> asked_{false};
};

void RangedRead::fetch(std::size_t index, CallOptions call) {
  const Fetch& fetch = fetches_[index];
  const ReadOptions options{.if_match = version_.etag(),
                            .version = options_.version,
                            .digest = digest_,
                            .call = std::move(call)};
  Buffer detour;
  if (!fetch.direct()) detour = Buffer(fetch.length);
  const auto into = fetch.direct() ? fetch.pieces.front().into : detour.span();
  const ReadResult result = target_.store.read(path_, fetch.offset, into, options);
  if (!version_.accept(result.info)) {
    fail(ErrorCode::precondition_failed, "read", target_.store.url(path_),
         "the file changed while it was read");
  }
  if (result.bytes != fetch.length) fail_short(target_, path_, fetch, result);
  checksums_[index] = result.checksum;
  const bool summed = fetch.direct() && result.checksum && result.checksum->type == digest_;
  if (summed) sums_[index] = {static_cast<std::uint32_t>(result.checksum->value)};
  for (const Piece& piece : fetch.pieces) {
    if (!fetch.direct()) {
      std::memcpy(piece.into.data(), detour.data() + (piece.offset - fetch.offset),
                  piece.into.size());
    }
    if (digest_ && !summed) sums_[index].push_back(crypto::crc32(piece.into));
  }
}

void RangedRead::tell_sums() const {
  if (!digest_) return;
  const std::uint32_t* last = nullptr;
  for (std::size_t i = 0; i < fetches_.size(); ++i) {
    for (std::size_t k = 0; k < fetches_[i].pieces.size(); ++k) {
      const Piece& piece = fetches_[i].pieces[k];
      if (piece.crc32 == nullptr) continue;
      const std::uint32_t before = piece.crc32 == last ? *piece.crc32 : 0;
      *piece.crc32 =
          crypto::crc_combine(crypto::kCrc32Polynomial, before, sums_[i][k], piece.into.size());
      last = piece.crc32;
    }
  }
}

void RangedRead::ask_for_checksum(const CallOptions& call) {
  const auto info = stat_version(target_.store, path_, options_.version, call);
  // Another version is somebody else's concern: what was read is pinned to one.
  if (info && info->etag == version_.etag()) static_cast<void>(version_.accept(*info));
}

std::uint64_t RangedRead::tiled_end() const {
  std::uint64_t end = head_.bytes;
  for (const Fetch& fetch : fetches_) {
    if (fetch.offset != end) return 0;
    end += fetch.length;
  }
  return end;
}

std::optional<std::uint64_t> RangedRead::combine(ChecksumType type) const {
  std::uint64_t sum = 0;
  const auto append = [&](const std::optional<Checksum>& next, std::uint64_t length) {
    if (!next || next->type != type) return false;
    sum = crypto::checksum_combine(type, sum, next->value, length);
    return true;
  };
  if (head_.bytes != 0 && !append(head_.of_bytes, head_.bytes)) return std::nullopt;
  for (std::size_t i = 0; i < fetches_.size(); ++i) {
    if (!append(checksums_[i], fetches_[i].length)) return std::nullopt;
  }
  return sum;
}

bool RangedRead::is_intact() const {
  const std::optional<Checksum> checksum = this->checksum();
  if (!checksum || end_ == 0 || end_ != version_.info().size) return true;
  if (const auto combined = combine(checksum->type)) return *combined == checksum->value;
  if (head_.bytes != 0) return true;  // not in memory here: the caller has it
  std::uint64_t running = 0;
  for (const Fetch& fetch : fetches_) {
    std::uint64_t position = fetch.offset;
    for (const Piece& piece : fetch.pieces) {
      if (piece.offset != position) return true;  // bytes between the ranges were not kept
      running = crypto::checksum(checksum->type, piece.into, running);
      position += piece.into.size();
    }
  }
  return running == checksum->value;
}

[[noreturn]] void fail_corrupt(const Target& target, const Path& path) {
  fail(ErrorCode::corrupt, "read", target.store.url(path),
       "the bytes that came, twice, do not have the checksum that the store keeps of the file",
       "the file was damaged where it is stored, or on the way: read it again or restore it");
}

}  // namespace

FileInfo read_ranges(const Target& target, const Path& path, std::span<const RangeRead> ranges,
                     const ReadOptions& options) {
  for (const RangeRead& range : ranges) {
    if (range.crc32 != nullptr) *range.crc32 = 0;  // of no bytes
  }
  ReadOptions pinned = options;
  for (int attempt = 1;; ++attempt) {
    RangedRead read(target, path, ranges, pinned, {});
    if (read.empty()) return stat_file(target, path, options);
    read.run();
    FileInfo info = read.info();
    if (read.is_intact()) return info;
    if (attempt == 2) fail_corrupt(target, path);
    pinned.if_match = info.etag;
  }
}

Buffer download(const Target& target, const Path& path, const ReadOptions& options) {
  Buffer first(kFirstRead);
  ReadOptions entire = options;
  entire.entire = true;
  const ReadResult result = target.store.read(path, 0, first.span(), entire);
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
  ReadOptions pinned = options;
  if (!result.info.etag.empty()) pinned.if_match = result.info.etag;
  const RangeRead rest{result.bytes, whole.span().subspan(result.bytes)};
  RangedRead read(target, path, std::span(&rest, 1), pinned,
                  {result.bytes, result.checksum, result.info.checksum});
  read.run();
  const auto checksum = read.checksum();
  const bool intact = !checksum || read.combine(checksum->type)
                          ? read.is_intact()
                          : crypto::checksum(checksum->type, whole.span()) == checksum->value;
  if (!intact) {
    const RangeRead all{0, whole.span()};
    read_ranges(target, path, std::span(&all, 1), pinned);
  }
  return whole;
}

}  // namespace cairn::vfs::transfer
