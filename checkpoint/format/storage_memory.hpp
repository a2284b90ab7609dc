// Where the data of storages come to lie: in memory of their own, or in that of a mapped file.
#pragma once

#include <optional>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/source.hpp"
#include "checkpoint/format/zip_records.hpp"

namespace cairn::checkpoint::format {

/// For the storages of one load.
class StorageMemory {
 public:
  StorageMemory(const Source& source, const LoadOptions& options);
  /// Gives the storage its memory. The result reads the record into it, or checks what is there.
  [[nodiscard]] RecordRead place(Storage& storage, const ZipEntry& entry) const;

 private:
  const LoadOptions& options_;
  std::optional<vfs::MappedFile> mapped_;
};

}  // namespace cairn::checkpoint::format
