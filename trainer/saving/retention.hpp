// Which files a run keeps: bookkeeping without I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trainer/checkpointing.hpp"

namespace cairn::detail {

/// A checkpoint that this run wrote and has not removed.
struct SavedFile {
  std::string path{};  ///< URL
  std::optional<double>
      score{};  ///< of the monitored metric; unset: it was not there yet, or nothing is monitored
  std::int64_t step{0};
};

/// The run's manifest and what follows from it.
struct Retention {
  std::vector<SavedFile> files{};  ///< in the order they were written

  [[nodiscard]] bool owns(const std::string& path) const;
  void add(SavedFile file);  ///< replaces one of the same path
  /// Whether a file of that name stays wanted when `newer` is written under another.
  [[nodiscard]] bool keeps(const std::string& path, const SavedFile& newer,
                           const ModelCheckpointOptions& options) const;
  void forget(const std::string& path);

  /// The top k, best first: by score (NaN and none are worst, ties keep the older), or the newest
  /// if nothing is monitored.
  [[nodiscard]] std::vector<SavedFile> best(const ModelCheckpointOptions& options) const;
  /// Neither among the best, nor the newest where `last` points to it, nor `pinned`.
  [[nodiscard]] std::vector<std::string> obsolete(const ModelCheckpointOptions& options,
                                                  const std::string& pinned) const;
};

}  // namespace cairn::detail
