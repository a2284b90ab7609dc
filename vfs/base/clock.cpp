// The machine's time and randomness.
#include "vfs/base/clock.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>

#include <sys/random.h>

namespace cairn::vfs {
namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() override { return std::chrono::system_clock::now(); }
  std::chrono::steady_clock::time_point steady_now() override {
    return std::chrono::steady_clock::now();
  }
  void sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
  }
};

class SystemRandom final : public Random {
 public:
  std::uint64_t next() override {
    std::uint64_t value = 0;
    // Up to 256 bytes come whole once the pool is ready; before that a signal may interrupt the
    // wait (getrandom(2)).
    while (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return value;
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() {
  return std::make_shared<SystemClock>();
}
std::shared_ptr<Random> system_random() {
  return std::make_shared<SystemRandom>();
}

}  // namespace cairn::vfs
