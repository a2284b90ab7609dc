// What stores of one Context share with each other, by name: caches of credentials.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <utility>

#include "vfs/base/per_process.hpp"

namespace cairn::vfs {

/// Thread-safe; a forked child starts with nothing.
class Shared {
 public:
  /// The T of that name, made by `make` on first use.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> get(const std::string& name,
                                       const std::function<std::shared_ptr<T>()>& make) {
    State& state = state_.get();
    const std::lock_guard lock(state.mutex);
    std::shared_ptr<void>& slot = state.slots[{std::type_index(typeid(T)), name}];
    if (!slot) slot = make();
    return std::static_pointer_cast<T>(slot);
  }

 private:
  struct State {
    std::mutex mutex{};
    std::map<std::pair<std::type_index, std::string>, std::shared_ptr<void>> slots{};
  };
  PerProcess<State> state_;
};

}  // namespace cairn::vfs
