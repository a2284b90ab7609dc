// Web servers, as far as they let files be read, listed and written: plain HTTP and WebDAV.
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;
struct Services;

/// The store of a host: the URL's scheme, authority and query, which goes with each request. Does
/// no I/O on the network. Throws Error(invalid_argument) for WebOptions that make no sense.
[[nodiscard]] std::shared_ptr<Store> make_http_store(const Url& root, Context& context);
/// The same with services that need no Context: a transport and a clock of one's own.
[[nodiscard]] std::shared_ptr<Store> make_http_store_on(const Url& root, const Services& services);

}  // namespace cairn::vfs
