// From what a web server said to the exception that a user sees, with a hint for the common causes.
// Pure.
#pragma once

#include "vfs/http/config.hpp"
#include "vfs/net/errors.hpp"

namespace cairn::vfs::http {

[[nodiscard]] net::ErrorRules error_rules(const Site& site);

}  // namespace cairn::vfs::http
