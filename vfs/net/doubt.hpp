// "Was it carried out?" The one place that answers it, for every write whose answer was lost.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "vfs/net/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// The name of the token among an object's metadata, which users do not see; Azure's names have no
/// '-'.
inline constexpr std::string_view kOperationToken = "cairn-op";

/// 128 random bits as text: marks one write among the object's metadata.
[[nodiscard]] std::string make_token(Random& random);

/// Some attempt may have been carried out though the outcome is an error.
[[nodiscard]] bool in_doubt(const Outcome& outcome);

/// What the object says of a write.
struct Verification {
  enum class State {
    written,  ///< this write made it
    other,    ///< another write made it
    absent,
    unknown,  ///< it could not be asked
  };
  State state{State::unknown};
  ErrorCode cause{ErrorCode::unavailable};  ///< why it could not be asked
  WriteResult result{};                     ///< of this write, if it was written
};
/// The object could not be asked: that outcome says why.
[[nodiscard]] Verification not_asked(const Outcome& outcome);

/// What a service says to the second of two equal requests, of which the first was carried out.
enum class Refusal {
  none,          ///< nothing of the kind
  precondition,  ///< there is such a file, or it is another one
  ended,         ///< there is no such upload
  conflict,      ///< another conditional write was under way
};

/// A write that has failed.
struct DoubtfulWrite {
  std::string_view operation{};
  const Path& path;
  const WriteOptions& options;
  Refusal refusal{Refusal::none};          ///< what the last answer is
  std::function<Verification()> verify{};  ///< asks the object; throws nothing for what it says
};

/// The end of it: a result if it was carried out after all, else the Error that is true.
[[nodiscard]] WriteResult settle(const Connection& connection, const DoubtfulWrite& write,
                                 const Outcome& outcome);

}  // namespace cairn::vfs::net
