// Many keys at once, with a result for each: what the services' bulk deletes have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vfs/base/services.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// What a service says of one key of a batch.
struct KeyAnswer {
  enum class State {
    removed,  ///< or was not there
    failed,
    again,   ///< it could not be removed yet
    singly,  ///< only a request of its own can tell
  };
  State state{State::singly};
  ErrorCode code{ErrorCode::io};
  std::string error{};
};

/// How one service removes.
struct RemovalRules {
  std::size_t max_batch{1000};
  /// The key can be part of a batch; absent: any can.
  std::function<bool(const Path&)> fits{};
  /// One answer per path, in their order. Absent: the service knows no such request. Throws Error.
  std::function<std::optional<std::vector<KeyAnswer>>(std::span<const Path>, const CallOptions&)>
      remove_together{};
  /// Throws Error.
  std::function<void(const Path&, const CallOptions&)> remove_one{};
};

/// Batches in parallel. What could not be removed yet is tried again as long as a request would be.
/// Throws Error where nothing of a batch could be asked for, or if the caller has stopped.
[[nodiscard]] std::vector<RemoveResult> remove_many(const Services& services,
                                                    const RemovalRules& rules,
                                                    std::span<const Path> paths,
                                                    const CallOptions& options);

}  // namespace cairn::vfs::net
