// How a blob tells which write made it: what net/doubt asks when an answer was lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/azure/connection.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// By what a write knows its blob again.
struct Evidence {
  std::string token{};
  std::optional<std::uint64_t> size{};  ///< absent: of a copy that may be under way
};

/// Asks the blob whether the write was carried out. Throws nothing for what the service says.
[[nodiscard]] net::Verification verify(Connection& connection, const Path& path,
                                       const Evidence& evidence, const CallOptions& options);

/// The end of a write that failed: a result if it was carried out after all, else the Error that is
/// true.
[[nodiscard]] WriteResult settle(Connection& connection, std::string_view operation,
                                 const Path& path, const net::Outcome& outcome,
                                 const Evidence& evidence, const WriteOptions& options);

}  // namespace cairn::vfs::azure
