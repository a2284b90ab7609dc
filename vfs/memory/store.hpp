// memory: a store in this process, for tests and examples. Behaves like an object store: names are
// keys, directories are prefixes.
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;

/// An empty one. A Context keeps one per authority: "memory://a/k" and "memory:k" lie in different
/// stores.
[[nodiscard]] std::shared_ptr<Store> make_memory_store(const Url& root, Context& context);

}  // namespace cairn::vfs
