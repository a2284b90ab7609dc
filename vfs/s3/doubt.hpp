// How an S3 object is asked whether a write made it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vfs/net/doubt.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// By what a write knows its object again.
struct Evidence {
  std::string token{};  ///< empty: the write could not mark its object
  /// What S3 makes the etag of it; empty if that can't be known. Counts where the object has no
  /// token, which some servers and server-side copies drop.
  std::string etag{};
  std::uint64_t size{0};
};

/// Asks the object whether the write was carried out. Throws nothing for what the server says.
[[nodiscard]] net::Verification resolve_ambiguous(Connection& connection, const Path& path,
                                                  const Evidence& evidence,
                                                  const CallOptions& options);

/// See net::settle.
[[nodiscard]] WriteResult settle(Connection& connection, std::string_view operation,
                                 const Path& path, const net::Outcome& outcome,
                                 const Evidence& evidence, const WriteOptions& options);

}  // namespace cairn::vfs::s3
