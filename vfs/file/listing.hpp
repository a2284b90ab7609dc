// The names in folders, as list_page wants them.
#pragma once

#include <vector>

#include "vfs/file/posix.hpp"

namespace cairn::vfs::file {

struct Selection {
  Path prefix{};          ///< of the whole path: "folder/beginning-of-a-name"
  bool recursive{false};  ///< files only, of all depths; links to folders are not followed
  std::string start_after{};
};

/// Sorted by bytes. A folder that is not there has no entries.
[[nodiscard]] std::vector<FileInfo> list_folder(const Selection& selection, const Call& call);

}  // namespace cairn::vfs::file
