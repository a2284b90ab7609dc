// Azure Blob Storage as a Store.
#pragma once

#include <memory>
#include <optional>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;
struct Services;

/// URLs of Azure Storage that are written in another way than "az://container/key": of https:, or
/// with the account before the container. Absent: there is nothing to change.
[[nodiscard]] std::optional<Url> canonical_azure_url(const Url& url);

/// The store of a container: the URL's authority, of the schemes az, azure, abfs, abfss, wasb,
/// wasbs and adl. Does no I/O on the network. Throws Error(invalid_argument) for names that no
/// container or account can have and for an endpoint that must not be used.
[[nodiscard]] std::shared_ptr<Store> make_azure_store(const Url& root, Context& context);

/// The same with services that need no Context: a transport and a clock of one's own.
[[nodiscard]] std::shared_ptr<Store> make_azure_store_on(const Url& root, const Services& services);

}  // namespace cairn::vfs
