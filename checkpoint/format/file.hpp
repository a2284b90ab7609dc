// What files of every format share: one version is read, and errors say which file is meant.
#pragma once

#include <string>
#include <string_view>

#include "checkpoint/format/error.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint::format {

struct PinnedFile {
  vfs::FileInfo info{};
  vfs::ReadOptions read{};  ///< of the version that `info` is about
};

/// Throws vfs::Error(not_found or is_a_directory) if there is no such file.
[[nodiscard]] PinnedFile pin(const vfs::FileSystem& files, const vfs::Path& path,
                             const vfs::ReadOptions& options);

/// The result of `call`, with "load URL: " or the like before what its Errors say.
template <class Call>
auto naming(std::string_view operation, const std::string& url, const Call& call) {
  try {
    return call();
  } catch (const Error& error) {
    throw Error(error.code(), std::string(operation) + ' ' + url + ": " + error.what());
  }
}

}  // namespace cairn::checkpoint::format
