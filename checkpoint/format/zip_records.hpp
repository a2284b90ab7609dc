// The contents of a zip's entries, each checked against everything that the file says about it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/format/sha256.hpp"
#include "checkpoint/format/source.hpp"
#include "checkpoint/format/zip_directory.hpp"

namespace cairn::checkpoint::format {

struct RecordRead {
  const ZipEntry* entry{nullptr};
  std::span<std::byte> into{};  ///< as long as the entry's data
  bool present{false};          ///< the data are there already: they are only checked
  bool framed{true};            ///< its header and descriptor are read, too, and compared
};

/// All in one read; headers and descriptors come with the data and must agree with the directory,
/// and with `verify` so must the checksums, which are computed as the data come. Throws
/// Error(corrupt) that names the record.
void read_records(Source& source, const ZipDirectory& directory,
                  std::span<const RecordRead> records, bool verify);

[[nodiscard]] std::string read_record(Source& source, const ZipDirectory& directory,
                                      const ZipEntry& entry, bool verify);

/// Reads it piece by piece and keeps nothing. `digest`: what its SHA-256 has to be, if it is known.
/// Throws Error(corrupt) that names the record.
void verify_record(Source& source, const ZipDirectory& directory, const ZipEntry& entry,
                   const Sha256Digest* digest = nullptr);

}  // namespace cairn::checkpoint::format
