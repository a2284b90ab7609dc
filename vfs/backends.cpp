// The list of what is built in: one line per scheme.
#include "vfs/file/store.hpp"
#include "vfs/memory/store.hpp"
#include "vfs/registry.hpp"
#include "vfs/s3/store.hpp"

namespace cairn::vfs {

Registry Registry::builtin() {
  Registry registry;
  registry.add("file", make_file_store);
  registry.add("memory", make_memory_store);
  const auto s3 = [](const Url& root, Context& context) { return make_s3_store(root, context); };
  registry.add("s3", s3);
  registry.add("s3a", s3);
  return registry;
}

}  // namespace cairn::vfs
