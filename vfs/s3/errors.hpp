// From what S3 or the network said to the exception that a user sees, with a hint for the common
// causes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "vfs/error.hpp"
#include "vfs/net/client.hpp"
#include "vfs/s3/config.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// What a write asked of the file that is there.
enum class Condition { none, absent, same };
[[nodiscard]] Condition condition_of(const WriteOptions& options);

/// What was tried.
struct Attempted {
  std::string_view operation{};
  std::string url{};
  Condition condition{Condition::none};  ///< what a refusal means follows from it
};

[[nodiscard]] ErrorCode code_of(int status, std::string_view code);
/// Empty if there is nothing better to say than the message.
[[nodiscard]] std::string hint_of(const net::Outcome& outcome, const BucketConfig& config);
/// Needs !outcome.ok().
[[nodiscard]] Error make_error(const Attempted& attempted, const net::Outcome& outcome,
                               const BucketConfig& config);

}  // namespace cairn::vfs::s3
