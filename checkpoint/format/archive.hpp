// The archive of torch.save: written to and read from any URL, without LibTorch. FORMAT.md has it byte by byte.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "checkpoint/format/value.hpp"
#include "vfs/export.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint {

struct SaveOptions {
  std::uint32_t alignment{64};  ///< of the tensors' data in the file: a power of two up to 4096
  bool index{true};             ///< a record of offsets and digests, which Python ignores; false: byte for byte the file of torch.save
  bool allow_opaque{false};     ///< write objects that torch.load(weights_only=True) refuses, too
  vfs::WriteOptions write{};    ///< conditions, metadata, cancellation
};

/// What a file may ask for before anything is allocated for it.
struct Limits {
  std::uint64_t max_entries{1'000'000};
  std::uint64_t max_pickle{1ULL << 30};
  std::uint64_t max_operations{100'000'000};
  std::uint32_t max_depth{1000};
};

/// What becomes of names in a file that stand for neither plain data nor tensors: classes, functions, objects.
enum class Unknown {
  keep,    ///< as Opaque, so that the rest can be read
  refuse,  ///< Error(unsupported), as torch.load(weights_only=True) does
};

struct LoadOptions {
  Unknown unknown{Unknown::keep};
  Limits limits{};
  bool verify{true};        ///< CRC-32 of every record
  bool load_tensors{true};  ///< false: storages stay without data, only the tree is read
  /// Memory for a storage: sets data (nbytes long) and owner. Empty: plain memory.
  std::function<void(Storage&)> allocate{};
  vfs::ReadOptions read{};
};

namespace format {

/// Parallel parts straight from the tensors' memory, committed at the end: readers see the old file or the whole new one.
CAIRN_API vfs::WriteResult save(const vfs::FileSystem& files, const vfs::Path& path, const Value& root, const SaveOptions& options = {});
/// Throws Error (with the file's URL) for what is damaged, foreign or beyond the limits; vfs::Error for what can't be read.
[[nodiscard]] CAIRN_API Value load(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options = {});

}  // namespace format
}  // namespace cairn::checkpoint
