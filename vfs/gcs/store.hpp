// gs://bucket, gcs://bucket: Google Cloud Storage, and emulators of its JSON API.
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;
struct Services;

/// Throws Error(invalid_argument) if the bucket or the configuration can't be one.
[[nodiscard]] std::shared_ptr<Store> make_gcs_store(const Url& root, Context& context);
/// With services of its own, for tests.
[[nodiscard]] std::shared_ptr<Store> make_gcs_store_on(const Url& root, const Services& services);

}  // namespace cairn::vfs
