// Amazon S3 and what speaks its API: MinIO, versitygw, Ceph, R2, …
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;
struct Services;

/// The store of a bucket: the URL's authority. Does no I/O on the network. Throws
/// Error(invalid_argument) for a name that no bucket can have and for an endpoint that must not be
/// used.
[[nodiscard]] std::shared_ptr<Store> make_s3_store(const Url& root, Context& context);
/// The same with services that need no Context: a transport and a clock of one's own.
[[nodiscard]] std::shared_ptr<Store> make_s3_store_on(const Url& root, const Services& services);

}  // namespace cairn::vfs
