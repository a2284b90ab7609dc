// The list of what is built in: one line per scheme.
#include "vfs/azure/store.hpp"
#include "vfs/file/store.hpp"
#include "vfs/gcs/store.hpp"
#include "vfs/http/store.hpp"
#include "vfs/memory/store.hpp"
#include "vfs/registry.hpp"
#include "vfs/s3/store.hpp"

namespace cairn::vfs {

Registry Registry::builtin() {
  Registry registry;
  registry.add("abfs", make_azure_store);
  registry.add("abfss", make_azure_store);
  registry.add("adl", make_azure_store);
  registry.add("az", make_azure_store);
  registry.add("azure", make_azure_store);
  registry.add("file", make_file_store);
  registry.add("gcs", make_gcs_store);
  registry.add("gs", make_gcs_store);
  registry.add("http", make_http_store);
  registry.add("https", make_http_store);
  registry.add("memory", make_memory_store);
  registry.add("s3", make_s3_store);
  registry.add("s3a", make_s3_store);
  registry.add("wasb", make_azure_store);
  registry.add("wasbs", make_azure_store);
  registry.add_spelling(canonical_azure_url);
  return registry;
}

}  // namespace cairn::vfs
