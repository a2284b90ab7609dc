// file: the local disk. Writes are atomic and durable: temporary file, fsync, rename, fsync of the
// folder.
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;

/// Paths are the operating system's: "/a/b" is absolute, "a/b" relative to the working directory,
/// "" the working directory.
[[nodiscard]] std::shared_ptr<Store> make_file_store(const Url& root, Context& context);

}  // namespace cairn::vfs
