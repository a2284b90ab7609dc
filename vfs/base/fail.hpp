// Shorthands for the ways in which an operation ends early.
#pragma once

#include <string>

#include "vfs/error.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs {

[[noreturn]] void fail(ErrorCode code, std::string operation, std::string url,
                       std::string message = {}, std::string hint = {});

/// Throws Error(cancelled) or Error(timeout) if the caller has given up.
void check_call(const CallOptions& options, std::string_view operation, std::string_view url);

}  // namespace cairn::vfs
