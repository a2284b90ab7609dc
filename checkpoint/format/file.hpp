// What files of every format share: one version is read, and errors say which file is meant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/format/error.hpp"
#include "vfs/bytes.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint::format {

/// The first bytes of a file, and what is known from reading them.
struct FileHead {
  vfs::Buffer bytes{};      ///< as many as were asked for, or all of the file
  std::uint64_t size{0};    ///< of the file
  vfs::ReadOptions read{};  ///< of the version that these bytes are of
};

/// One request. Throws vfs::Error.
[[nodiscard]] FileHead read_head(const vfs::FileSystem& files, const vfs::Path& path,
                                 const vfs::ReadOptions& options, std::size_t length);

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
