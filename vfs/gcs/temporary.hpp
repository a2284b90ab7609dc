// The names of objects that are parts of an upload. Pure.
#pragma once

#include <string>
#include <string_view>

#include "vfs/url.hpp"

namespace cairn::vfs::gcs {

/// Beside the target, since credentials may be good for nothing else: "dir/.cairn-upload-TOKEN/".
[[nodiscard]] Path temporary_folder(const Path& target, std::string_view token);

/// The folder that a temporary object lies in, or is; empty: it is not one. Listings leave them
/// out.
[[nodiscard]] std::string_view temporary_folder_of(std::string_view key);

}  // namespace cairn::vfs::gcs
