// The moment at which a file gets its name.
#pragma once

#include <string>

#include "vfs/file/posix.hpp"

namespace cairn::vfs::file {

/// Makes the missing folders, durably, and refuses what a rename would destroy: folders, devices,
/// pipes. Links are replaced, not followed. Returns the mode of the old file, or that of new ones.
mode_t prepare_target(const std::string& target, const Call& call);

/// Renames under the conditions of `options`. Publishers of one folder take turns, so that the etag
/// which was compared is the one that is replaced.
void give_name(const std::string& from, const std::string& target, const WriteOptions& options,
               const Call& call);

/// Makes the names in a folder durable.
void sync_folder(const std::string& folder, const Call& call);

}  // namespace cairn::vfs::file
