// "Was it carried out?" The one place that answers it, for every write whose answer was lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/s3/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// 128 random bits as text: marks one write among the object's metadata.
[[nodiscard]] std::string make_token(Random& random);

/// Some attempt may have been carried out though the outcome is an error.
[[nodiscard]] bool in_doubt(const net::Outcome& outcome);

/// By what a write knows its object again.
struct Evidence {
  std::string token{};  ///< empty: the write could not mark its object
  /// What S3 makes the etag of it; empty if that can't be known. Counts where the object has no
  /// token, which some servers and server-side copies drop.
  std::string etag{};
  std::uint64_t size{0};
};

/// What the object says.
struct Verification {
  enum class State {
    written,  ///< this write made it
    other,    ///< another write made it
    absent,
    unknown,  ///< it could not be asked
  };
  State state{State::unknown};
  ErrorCode cause{ErrorCode::unavailable};  ///< why it could not be asked
  WriteResult result{};  ///< of this write, if it was written
};

/// Asks the object whether the write was carried out. Throws nothing for what the server says.
[[nodiscard]] Verification resolve_ambiguous(Connection& connection, const Path& path,
                                             const Evidence& evidence, const CallOptions& options);

/// The end of a write that failed: a result if it was carried out after all, else the Error that is
/// true.
[[nodiscard]] WriteResult settle(Connection& connection, std::string_view operation,
                                 const Path& path, const net::Outcome& outcome,
                                 const Evidence& evidence, const WriteOptions& options);

}  // namespace cairn::vfs::s3
