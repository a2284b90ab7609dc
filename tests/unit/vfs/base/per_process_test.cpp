#include "vfs/base/per_process.hpp"

#include <sys/wait.h>

#include <mutex>

#include "tests/support/catch.hpp"

namespace {

using cairn::vfs::PerProcess;

struct State {
  std::mutex mutex;
  int value{0};
};

}  // namespace

TEST_CASE("a process keeps one state") {
  PerProcess<State> state;
  state->value = 3;
  CHECK(state->value == 3);
  CHECK(&state.get() == &state.get());
}

TEST_CASE("a forked child gets a new state though a lock of its parent's is held") {
  PerProcess<State> state;
  const std::lock_guard held(state->mutex);
  state->value = 3;
  const pid_t child = fork();
  if (child == 0) {
    const bool fresh = state->mutex.try_lock() && state->value == 0;
    _exit(fresh ? 0 : 1);
  }
  int status = 1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(state->value == 3);
}
