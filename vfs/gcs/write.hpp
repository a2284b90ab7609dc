// Objects that are written with one request, and how one is asked whether a write made it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/gcs/connection.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::gcs {

/// Its bytes are checked by the service, and what it says of them here. `crc32c`: of the body, where it is known already.
WriteResult put_object(Connection& connection, const Path& path, const Body& body,
                       const WriteOptions& options, std::optional<std::uint32_t> crc32c = {});

/// The resource of an object, absent if there is none. `generation` empty: the latest.
[[nodiscard]] std::optional<Object> get_object(Connection& connection, const Path& path,
                                               const std::string& generation,
                                               const CallOptions& options);

/// By what a write knows its object again.
struct Evidence {
  std::string token{};  ///< empty: the write could not mark its object
  std::uint64_t size{0};
  std::optional<std::uint32_t> crc32c{};  ///< together with the size, where there is no token
};
/// Asks the object whether the write was carried out. Throws nothing for what the server says.
[[nodiscard]] net::Verification resolve_ambiguous(Connection& connection, const Path& path,
                                                  const Evidence& evidence,
                                                  const CallOptions& options);
/// See net::settle.
[[nodiscard]] WriteResult settle(Connection& connection, std::string_view operation,
                                 const Path& path, const net::Outcome& outcome,
                                 const Evidence& evidence, const WriteOptions& options);

/// What the service says of an object that was just written has to be what was sent: else it is
/// removed again, as long as it is that generation, and Error(corrupt) thrown.
void check_written(Connection& connection, std::string_view operation, const Path& path,
                   const FileInfo& info, const Evidence& sent, const CallOptions& options);

}  // namespace cairn::vfs::gcs
