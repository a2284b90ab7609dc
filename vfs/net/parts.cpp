#include "vfs/net/parts.hpp"

#include <chrono>

namespace cairn::vfs::net {

CallOptions abort_options(const CallOptions& call) {
  constexpr std::chrono::milliseconds kTimeout{10'000};
  constexpr std::chrono::milliseconds kHurriedTimeout{800};
  const auto now = std::chrono::steady_clock::now();
  const bool hurried = call.stop.stop_requested() || (call.deadline && now >= *call.deadline);
  return {.deadline = now + (hurried ? kHurriedTimeout : kTimeout)};
}

}  // namespace cairn::vfs::net
