// The file of the safetensors library: names to tensors, flat. Written to and read from any URL, without LibTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "checkpoint/format/value.hpp"
#include "vfs/export.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint {

/// What such a file holds.
struct Safetensors {
  Dict tensors{};                                ///< name to tensor, in the order of their data in the file
  std::map<std::string, std::string> metadata{}; ///< "__metadata__" of the header
};

struct SafetensorsSaveOptions {
  /// Tensors that share memory are written once for each name, and are apart when they are loaded. Else they are refused.
  bool repeat_shared{false};
  vfs::WriteOptions write{};  ///< conditions, metadata of the object, cancellation
};

struct SafetensorsLoadOptions {
  /// Memory for a storage: sets data (nbytes long) and owner. Empty: plain memory.
  std::function<void(Storage&)> allocate{};
  vfs::ReadOptions read{};
};

namespace format {

/// A file of which the header has been read, and tensors are when they are asked for: only their bytes, all from the version of the
/// file whose header it is. Thread-safe.
class CAIRN_API SafetensorsFile {
 public:
  /// Throws Error (with the file's URL) for what is damaged or foreign: all that the safetensors library refuses, and what torch has
  /// no type for. vfs::Error for what can't be read. `options.read.call` counts for loading, too.
  SafetensorsFile(const vfs::FileSystem& files, const vfs::Path& path, const SafetensorsLoadOptions& options = {});

  /// All of the file, the tensors without data.
  [[nodiscard]] const Safetensors& header() const noexcept { return header_; }
  /// The tensors of these names, in this order; each has a storage of its own. Throws Error(key) for a name that is not there, and
  /// vfs::Error(precondition_failed) if the file was replaced.
  [[nodiscard]] Dict load(std::span<const std::string> names) const;

 private:
  vfs::FileSystem files_;
  vfs::Path path_;
  SafetensorsLoadOptions options_;
  Safetensors header_;
  std::map<std::string, std::uint64_t, std::less<>> begins_;  // where each tensor's bytes are in the file
};

/// The whole file. Throws as SafetensorsFile.
[[nodiscard]] CAIRN_API Safetensors load_safetensors(const vfs::FileSystem& files, const vfs::Path& path,
                                                     const SafetensorsLoadOptions& options = {});
/// The bytes that the safetensors library writes, in parallel parts straight from the tensors' memory, committed at the end. Views
/// that are not contiguous are copied first; what one file can't hold (other values than tensors, types and math bits that the
/// format has not, shared memory) is an Error that names it. Several metadata go sorted by name; the library has no order for them.
CAIRN_API vfs::WriteResult save_safetensors(const vfs::FileSystem& files, const vfs::Path& path, const Safetensors& content,
                                            const SafetensorsSaveOptions& options = {});

}  // namespace format
}  // namespace cairn::checkpoint
