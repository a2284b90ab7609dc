// The contract of a backend: a small driver for one bucket, container or local disk. Users hold a FileSystem.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "vfs/bytes.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs {

struct ReadResult {
  std::size_t bytes{0};  ///< fewer than asked only at the end of the file
  FileInfo info{};       ///< size and etag of the whole file, as far as the store says with a read
  std::optional<Checksum> checksum{};  ///< of the bytes that were read, where it was computed on the way
};

/// A file that is being written in parts. Nothing is visible before commit(); destruction aborts.
class Upload {
 public:
  virtual ~Upload() = default;
  /// Sends part `index` (from 0). Where Capabilities::max_parts limits their number, parts may grow; elsewhere all but the last have
  /// the same size. Thread-safe if Capabilities::parallel_parts.
  virtual void put_part(std::uint32_t index, const Body& part, const CallOptions& options) = 0;
  /// Publishes the parts 0…n-1. Throws conflict if another conditional write got in its way: all parts are to be sent anew then.
  virtual WriteResult commit(const CallOptions& options) = 0;
  /// Gives up and removes what was sent. Never throws.
  virtual void abort() noexcept = 0;
};

/// All calls block, are safe from many threads, and throw Error. Nothing has a default: a wrapper can't forget a call.
/// Paths are relative to the store (the key in the bucket; the local path).
class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual const Capabilities& capabilities() const = 0;
  /// The URL of a path, for messages.
  [[nodiscard]] virtual std::string url(const Path& path) const = 0;
  /// Absent if there is no file of that name (a directory only where Capabilities::directories).
  [[nodiscard]] virtual std::optional<FileInfo> stat(const Path& path, const CallOptions& options) = 0;
  /// Reads into `out` from `offset`. Throws not_found; precondition_failed if options.if_match does not hold.
  virtual ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out, const ReadOptions& options) = 0;
  /// Writes the whole file at once; readers see the old or the new one.
  virtual WriteResult put(const Path& path, const Body& body, const WriteOptions& options) = 0;
  [[nodiscard]] virtual std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) = 0;
  /// Names that begin with `prefix` (not recursive: up to the next '/').
  [[nodiscard]] virtual ListPage list_page(const Path& prefix, const ListOptions& options) = 0;
  /// One result per path. A path that is not there counts as removed.
  virtual std::vector<RemoveResult> remove(std::span<const Path> paths, const CallOptions& options) = 0;
  /// Within the store, of any size.
  virtual WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) = 0;
  virtual WriteResult move(const Path& from, const Path& to, const WriteOptions& options) = 0;
};

}  // namespace cairn::vfs
