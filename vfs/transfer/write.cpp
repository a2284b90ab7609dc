// Whole files up, and from one store to another.
#include <algorithm>

#include "vfs/base/fail.hpp"
#include "vfs/base/memory_budget.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/powers.hpp"
#include "vfs/transfer/progress.hpp"
#include "vfs/transfer/transfer.hpp"

namespace cairn::vfs::transfer {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr int kMaxConflicts = 10;

std::size_t parallel_of(const Target& target) {
  if (!target.store.capabilities().parallel_parts) return 1;
  return static_cast<std::size_t>(std::max(target.services.config.transfer.parallel, 1));
}

/// A store without a limit for one put is near: parts would only cost, unless they save memory.
bool takes_whole(const Target& target, const Body& body, std::uint64_t wish) {
  const Capabilities& can = target.store.capabilities();
  if (can.max_put == 0 && (body.in_memory() || !can.parallel_parts)) return true;
  const std::uint64_t size = body.size();
  return (can.max_put == 0 || size <= can.max_put) && size <= part_size(target, size, wish);
}

WriteResult put_whole(const Target& target, const Path& path, const Body& body,
                      const WriteOptions& options) {
  WriteResult result = target.store.put(path, body, options);
  if (options.progress) options.progress(body.size(), body.size());
  return result;
}

struct Cut {
  std::uint64_t total{0};
  std::uint64_t part{0};

  [[nodiscard]] std::uint64_t count() const { return (total + part - 1) / part; }
  [[nodiscard]] std::uint64_t length(std::uint64_t index) const {
    return std::min(part, total - index * part);
  }
};

/// Sends parts 0…count-1 and commits; whatever goes wrong, the upload is given up.
template <typename SendPart>
WriteResult send_parts_once(const Target& target, const Path& path, const Cut& cut,
                            const WriteOptions& options, SendPart send_part) {
  const auto upload = target.store.start_upload(path, options);
  ProgressMeter meter(options.progress, cut.total);
  try {
    target.services.pool->for_each(
        cut.count(), parallel_of(target),
        [&](std::size_t index, std::stop_token stop) {
          send_part(*upload, static_cast<std::uint32_t>(index),
                    CallOptions{std::move(stop), options.call.deadline});
          meter.add(cut.length(index));
        },
        options.call.stop);
    return upload->commit(options.call);
  } catch (...) {
    upload->abort();
    throw;
  }
}

/// Another write that gets in the way costs a whole upload: S3 wants a conditional one from the
/// start, and on Azure the commit of one upload drops the parts of the others. One of the writers
/// has won each time.
template <typename SendPart>
WriteResult send_parts(const Target& target, const Path& path, const Cut& cut,
                       const WriteOptions& options, SendPart send_part) {
  for (int attempt = 1;; ++attempt) {
    try {
      return send_parts_once(target, path, cut, options, send_part);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict || attempt == kMaxConflicts) throw;
    }
  }
}

/// Holds bytes of the budget. The caller's part is needed to go on, so it waits for nobody.
class Reservation {
 public:
  Reservation(MemoryBudget& budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {
    budget_.take(bytes_);
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { budget_.give_back(bytes_); }

 private:
  MemoryBudget& budget_;
  const std::uint64_t bytes_;
};

Buffer read_part(const Target& from, const FileInfo& info, std::uint64_t offset,
                 std::uint64_t length, ReadOptions options) {
  Buffer buffer(length);
  options.if_match = info.etag;
  const RangeRead range{offset, buffer.span()};
  if (length > 0) read_ranges(from, info.path, std::span(&range, 1), options);
  return buffer;
}

}  // namespace

std::optional<FileInfo> stat_version(Store& store, const Path& path, const std::string& version,
                                     const CallOptions& options) {
  if (version.empty()) return store.stat(path, options);
  if (auto* versions = dynamic_cast<Versions*>(&store)) {
    return versions->stat_version(path, version, options);
  }
  fail(ErrorCode::unsupported, "stat", store.url(path), "this store keeps no versions");
}

std::uint64_t part_size(const Target& target, std::uint64_t size, std::uint64_t wish) {
  const Capabilities& can = target.store.capabilities();
  if (wish == 0) wish = target.services.config.transfer.part_size;
  std::uint64_t part = std::max({wish > 0 ? wish : can.part_size, can.min_part, std::uint64_t{1}});
  if (can.max_part > 0) part = std::min(part, can.max_part);
  if (can.max_parts > 0 && (size + part - 1) / part > can.max_parts) {
    part = (size + can.max_parts - 1) / can.max_parts;
    part = (part + kMiB - 1) / kMiB * kMiB;
  }
  if (can.max_part > 0 && part > can.max_part) {
    fail(ErrorCode::invalid_argument, "write", target.store.url({}),
         std::to_string(size) + " bytes are more than the store can hold in one file");
  }
  return part;
}

WriteResult upload(const Target& target, const Path& path, const Body& body,
                   const WriteOptions& options) {
  if (takes_whole(target, body, options.part_size)) {
    return put_whole(target, path, body.load(), options);
  }
  const std::uint64_t size = part_size(target, body.size(), options.part_size);
  return send_parts(target, path, {body.size(), size}, options,
                    [&](Upload& upload, std::uint32_t index, const CallOptions& call) {
                      const std::uint64_t offset = index * size;
                      const std::uint64_t length = std::min(size, body.size() - offset);
                      upload.put_part(index, body.slice(offset, length).load(), call);
                    });
}

WriteResult stream_copy(const Target& from, const FileInfo& info, const Target& to,
                        const Path& path, const WriteOptions& options) {
  const std::uint64_t size = part_size(to, info.size, options.part_size);
  MemoryBudget& memory = *to.services.memory;
  if (info.size <= size) {
    const Reservation held(memory, info.size);
    const Buffer whole = read_part(from, info, 0, info.size,
                                   {.version = options.source_version, .call = options.call});
    return put_whole(to, path, whole, options);
  }
  return send_parts(to, path, {info.size, size}, options,
                    [&](Upload& upload, std::uint32_t index, const CallOptions& call) {
                      const std::uint64_t offset = index * size;
                      const std::uint64_t length = std::min(size, info.size - offset);
                      const Reservation held(memory, length);
                      const Buffer part =
                          read_part(from, info, offset, length,
                                    {.version = options.source_version, .call = call});
                      upload.put_part(index, part, call);
                    });
}

}  // namespace cairn::vfs::transfer
