// Whole files and ranges of files, in parallel, over a Store. All parallelism of vfs begins here.
#pragma once

#include <memory>
#include <span>

#include "vfs/bytes.hpp"
#include "vfs/file_system.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs {

struct Services;

namespace transfer {

/// A store and what it runs with. The Context keeps both alive.
struct Target {
  Store& store;
  Services& services;
};

/// One put if the store takes the body well so, else parts from several threads, straight from the
/// body's memory; of a source's bytes those are in memory that are on their way.
WriteResult upload(const Target& target, const Path& path, const Body& body,
                   const WriteOptions& options);

/// The whole file. One request if it is small, whatever its size turns out to be.
[[nodiscard]] Buffer download(const Target& target, const Path& path, const ReadOptions& options);

/// See FileSystem::read_ranges.
FileInfo read_ranges(const Target& target, const Path& path, std::span<const RangeRead> ranges,
                     const ReadOptions& options);

/// Store::stat, or Versions::stat_version if a version is named. Throws unsupported where the store
/// keeps none.
[[nodiscard]] std::optional<FileInfo> stat_version(Store& store, const Path& path,
                                                   const std::string& version,
                                                   const CallOptions& options);

/// Part by part through this machine. `info` is the source's.
WriteResult stream_copy(const Target& from, const FileInfo& info, const Target& to,
                        const Path& path, const WriteOptions& options);

/// The size that a file of `size` bytes is cut into: the preferred one, `wish` if it is not 0, larger where the store's count of parts
/// would not do. Throws Error(invalid_argument) if the store can't hold such a file.
[[nodiscard]] std::uint64_t part_size(const Target& target, std::uint64_t size, std::uint64_t wish = 0);

}  // namespace transfer
}  // namespace cairn::vfs
