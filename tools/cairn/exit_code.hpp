// What the exit status says. The table is part of the interface: scripts rely on it.
#pragma once

#include "checkpoint/format/error.hpp"
#include "vfs/error.hpp"

namespace cairn::tools {

enum ExitCode {
  success = 0,
  other = 1,  ///< of ckpt diff: the two are not the same
  usage = 2,  ///< bad options, bad URL, unknown scheme
  not_found = 3,
  denied = 4,     ///< no permission, no valid credentials, or a server that is not trusted
  temporary = 5,  ///< may work later: timeout, overload, no connection
  exists = 6,     ///< it exists already, or somebody changed it in between
  corrupt = 7,
  interrupted = 130,
  broken_pipe = 141,
};

[[nodiscard]] inline ExitCode exit_code(vfs::ErrorCode code) {
  switch (code) {
    case vfs::ErrorCode::invalid_argument:
      return usage;
    case vfs::ErrorCode::not_found:
      return not_found;
    case vfs::ErrorCode::permission_denied:
    case vfs::ErrorCode::unauthenticated:
    case vfs::ErrorCode::untrusted:
      return denied;
    case vfs::ErrorCode::rate_limited:
    case vfs::ErrorCode::unavailable:
    case vfs::ErrorCode::timeout:
      return temporary;
    case vfs::ErrorCode::already_exists:
    case vfs::ErrorCode::precondition_failed:
    case vfs::ErrorCode::conflict:
      return exists;
    case vfs::ErrorCode::corrupt:
      return corrupt;
    case vfs::ErrorCode::cancelled:
      return interrupted;
    default:
      return other;
  }
}

[[nodiscard]] inline ExitCode exit_code(checkpoint::ErrorCode code) {
  switch (code) {
    case checkpoint::ErrorCode::corrupt:
      return corrupt;
    case checkpoint::ErrorCode::key:
      return not_found;
    default:
      return other;
  }
}

}  // namespace cairn::tools
