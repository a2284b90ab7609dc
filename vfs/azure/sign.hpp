// Shared Key authorization of requests to Azure Storage.
// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
#pragma once

#include <string>
#include <string_view>

#include "vfs/net/transport.hpp"
#include "vfs/secret.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// The version of the API that all requests speak.
inline constexpr std::string_view kApiVersion = "2023-11-03";

/// What is signed. The request's URL has to be encoded already; the account stands before its path,
/// also where the path begins with it (as on the emulator).
[[nodiscard]] std::string string_to_sign(const net::Request& request, std::string_view account);

/// "SharedKey account:signature", for a request that has its x-ms-date. Empty if the key is not
/// base64.
[[nodiscard]] Secret shared_key_authorization(const net::Request& request, std::string_view account,
                                              const Secret& key);

/// "Sun, 06 Nov 1994 08:49:37 GMT", for x-ms-date.
void set_date(net::Request& request, TimePoint now);

}  // namespace cairn::vfs::azure
