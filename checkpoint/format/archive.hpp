// The archive of torch.save: written to and read from any URL, without LibTorch. FORMAT.md has it byte by byte.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/format/value.hpp"
#include "vfs/export.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint {

/// What the index holds of each record beyond the CRC-32 of its pieces.
enum class Digest {
  crc32,  ///< nothing more
  sha256  ///< finds also what was changed so that the CRC-32 stayed; 1 to 2 GiB/s and core; checked by Archive::verify and `cairn ckpt verify`
};

struct SaveOptions {
  std::uint32_t alignment{64};  ///< of the tensors' data in the file: a power of two up to 4096
  bool index{true};             ///< a record of offsets and digests, which Python ignores; false: byte for byte the file of torch.save
  Digest digest{Digest::crc32};  ///< sha256 needs the index
  /// Tensors that use less than half of a storage of more than a MiB get memory of their own in the file, and share it no more. Without
  /// it torch's rule holds: a view brings its whole storage along.
  bool compact_views{false};
  /// Told of such views, with both sizes: "state_dict.x: a tensor of 4096 bytes brings a storage of 8388608 along".
  std::function<void(const std::string&)> on_warning{};
  bool allow_opaque{false};     ///< write objects that torch.load(weights_only=True) refuses, too
  vfs::WriteOptions write{};    ///< conditions, metadata, part size, progress, cancellation
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
  /// Tensors of a local file are its memory (vfs::FileSystem::map): nothing is copied, and with verify = false nothing is read before it
  /// is used. They may be changed; the file is not. What can't be mapped (another store, data at odd offsets) is read as usual.
  bool map{false};
  /// Memory for a storage that is read: sets data (nbytes long) and owner. Empty: plain memory.
  std::function<void(Storage&)> allocate{};
  vfs::ReadOptions read{};
};

namespace format {

/// Parallel parts straight from the tensors' memory, committed at the end: readers see the old file or the whole new one.
CAIRN_API vfs::WriteResult save(const vfs::FileSystem& files, const vfs::Path& path, const Value& root, const SaveOptions& options = {});
/// Throws Error (with the file's URL) for what is damaged, foreign or beyond the limits; vfs::Error for what can't be read.
[[nodiscard]] CAIRN_API Value load(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options = {});

/// A record of an archive, as `cairn ckpt show` tells them.
struct ArchiveRecord {
  std::string name{};
  std::uint64_t offset{0};  ///< of its data in the file
  std::uint64_t size{0};
  std::uint32_t crc{0};  ///< CRC-32
};

/// Where the memory of a tensor goes: `into` is as long as its storage.
struct TensorRead {
  const StoredTensor* tensor{nullptr};  ///< of Archive::root()
  std::span<std::byte> into{};
};

/// An archive of which the tree is known and tensors are read when they are asked for: only their bytes, in parallel, all from the
/// version of the file that was opened. Opening takes two requests: the first 128 KiB and the last 256 (more if the tree is larger);
/// a tensor of up to 16 MiB is one more. Large data are compared with the zip's directory (CRC-32) and not with the headers beside them,
/// which verify() reads.
/// Thread-safe. Every function throws Error (with the file's URL) and vfs::Error; precondition_failed if the file was replaced.
class CAIRN_API Archive {
 public:
  explicit Archive(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options = {});
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  /// The whole tree. Its tensors have no data.
  [[nodiscard]] const Value& root() const noexcept;
  /// What stands at a path of it, without data.
  [[nodiscard]] const Value& at(std::string_view path) const;
  [[nodiscard]] std::vector<ArchiveRecord> records() const;
  /// A file made by us has one: parts of large tensors can be verified without the rest.
  [[nodiscard]] bool has_index() const noexcept;

  /// Everything.
  [[nodiscard]] Value load() const;
  /// What stands at a path, "state_dict.fc.weight" or "optimizer_states.0", with its tensors. With wildcards ("*": anything but a
  /// dot, "**": anything) an OrderedDict of all that match by path, which may be empty: load("state_dict.encoder.**").
  [[nodiscard]] Value load(std::string_view path) const;
  /// A value that holds parts of root(), with their tensors.
  [[nodiscard]] Value load_part(const Value& part) const;
  /// Rows [first, first + count) of a tensor with contiguous rows: reads these alone where there is an index, else its whole storage.
  [[nodiscard]] StoredTensor load_rows(std::string_view path, std::int64_t first, std::int64_t count) const;
  /// Into memory of the caller's; its content is undefined if this throws.
  void read(std::span<const TensorRead> tensors) const;
  /// Reads every record and throws for the first that is damaged, by its CRC-32 and, where the index has it, its SHA-256; keeps nothing.
  void verify() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace format
}  // namespace cairn::checkpoint
