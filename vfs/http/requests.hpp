// The requests that change files, as data.
#pragma once

#include <string_view>

#include "vfs/http/config.hpp"
#include "vfs/net/client.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::http {

/// A rename within the server.
struct Move {
  Path from{};
  Path to{};
  std::uint64_t size{0};
  bool overwrite{true};
};

[[nodiscard]] net::Call put_call(const Body& body, const WriteOptions& options);
[[nodiscard]] net::Call move_call(const Site& site, std::string_view operation, const Move& move,
                                  const CallOptions& options);
[[nodiscard]] net::Call copy_call(const Site& site, const FileInfo& source, const Path& to,
                                  const CallOptions& options);
/// `folder` ends in '/'.
[[nodiscard]] net::Call make_folder_call(const Site& site, const Path& folder,
                                         const CallOptions& options);

}  // namespace cairn::vfs::http
