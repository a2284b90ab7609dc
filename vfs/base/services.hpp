// What a Context gives to stores and transfers. Tests build one with a scripted transport and a
// virtual clock.
#pragma once

#include <memory>

#include "vfs/base/clock.hpp"
#include "vfs/config.hpp"

namespace cairn::vfs {

class MemoryBudget;
class Shared;
class ThreadPool;
namespace net {
class Endpoints;
class Transport;
}  // namespace net

struct Services {
  Config config{};  ///< its environment is never empty here
  std::shared_ptr<Clock> clock{};
  std::shared_ptr<Random> random{};
  std::shared_ptr<ThreadPool> pool{};
  std::shared_ptr<MemoryBudget> memory{};
  std::shared_ptr<net::Transport> transport{};
  std::shared_ptr<Shared> shared{};             ///< absent: each store has its own
  std::shared_ptr<net::Endpoints> endpoints{};  ///< absent: a client has its own
};

/// The production set for a configuration: system clock, libcurl, a pool.
[[nodiscard]] Services make_services(Config config);

}  // namespace cairn::vfs
