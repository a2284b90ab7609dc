// Accounts with a hierarchical namespace (Data Lake Storage Gen2): real directories, and renames
// that are one step. Their endpoint "dfs" sees the same files as the one for blobs.
// https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
#pragma once

#include <atomic>
#include <memory>

#include "vfs/azure/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// Whether an account has one: as AzureOptions::hierarchical says, else as the service does, which
/// is asked once for each account of a Context. Thread-safe.
class Namespace {
 public:
  /// Sends nothing yet.
  explicit Namespace(Connection& connection);
  /// An account that does not tell, or can't be asked now, is taken for a flat one: all works
  /// there, too, as on any object store. Throws nothing.
  [[nodiscard]] bool is_hierarchical(const CallOptions& options) const;
  /// Whether it is known to have one, by now. Sends nothing.
  [[nodiscard]] bool is_known_hierarchical() const;

 private:
  enum class Kind { unknown, flat, hierarchical };
  [[nodiscard]] Kind ask(const CallOptions& options) const;

  Connection& connection_;
  std::shared_ptr<std::atomic<Kind>> kind_;
};

/// "d" of "d/": directories are named as files are.
[[nodiscard]] Path without_slash(const Path& path);

/// A file or a directory with all in it, in one step: nobody sees both names, or neither. Replaces
/// the file at `to` under the conditions of `options`, whose description it does not heed. Makes
/// the directories above `to`. Throws Error.
[[nodiscard]] WriteResult rename_path(Connection& connection, const Path& from, const Path& to,
                                      const WriteOptions& options);

/// A directory with all in it. One that is not there is no error. Throws Error.
void remove_tree(Connection& connection, const Path& directory, const CallOptions& options);

}  // namespace cairn::vfs::azure
