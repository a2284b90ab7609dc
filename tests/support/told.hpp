// All that a program tells its users: errors, events, lines of the log. What must be in none of
// them is looked for in here.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/observer.hpp"

namespace cairn::test {

/// Writes down all that is told. Thread-safe.
class Told final : public vfs::Observer {
 public:
  void on_request(const vfs::RequestEvent& event) noexcept override {
    for (const auto text :
         {event.operation, event.method, event.url, event.request_id, event.error}) {
      add(text);
    }
  }
  void add(std::string_view text) {
    const std::lock_guard lock(mutex_);
    texts_.emplace_back(text);
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;  // guarded by mutex_
};

}  // namespace cairn::test
