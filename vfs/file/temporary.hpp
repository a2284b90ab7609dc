// A file that does not have its name yet: written beside the target, then renamed over it.
#pragma once

#include <string>
#include <string_view>

#include "vfs/base/clock.hpp"
#include "vfs/file/posix.hpp"

namespace cairn::vfs::file {

/// True for the names of unfinished files: listings leave them out.
[[nodiscard]] bool is_temporary_name(std::string_view name);

/// Removes unfinished files of processes that are gone: those that nobody holds locked and that
/// have not changed for 10 minutes. Returns how many went.
int sweep_temporaries(const std::string& folder);

class Temporary {
 public:
  /// Makes the missing folders (durably) and the file, mode 0600 and locked. `target` must be free,
  /// a file or a link.
  Temporary(std::string target, Random& random, const Call& call);
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary();  ///< removes it unless it was published

  [[nodiscard]] int fd() const noexcept { return file_.get(); }
  /// Claims the space now, so that a full disk shows before anything is written. File systems that
  /// can't are fine.
  void reserve(std::uint64_t size, const Call& call) const;
  /// Gives it its name under the conditions of `options`. When it returns, data and name are on
  /// disk.
  WriteResult publish(const WriteOptions& options, const Call& call);
  void discard() noexcept;

 private:
  std::string target_;
  std::string name_;
  mode_t mode_{0600};
  Descriptor file_;
};

}  // namespace cairn::vfs::file
