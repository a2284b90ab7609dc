// A child that is forked while other threads transfer can transfer, too.
#include <atomic>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn;
using namespace cairn::conformance;

namespace {

/// In the child: no test framework, no destructors, an end by alarm if it hangs.
[[noreturn]] void child(const vfs::FileSystem& files, const std::string& text, int number) {
  alarm(60);
  try {
    const std::string name = "by-child-" + std::to_string(number);
    files.write(name, text);
    std::_Exit(files.read_text(name) == text && files.read_text("shared") == text ? 0 : 1);
  } catch (...) {
    std::_Exit(2);
  }
}

}  // namespace

TEST_CASE("children that are forked while others transfer can transfer, too") {
  const Place place;
  if (place.url.starts_with("memory:")) return;  // what is in memory is not shared with a child
  const std::string text = pattern(20U << 20U);
  place.files.write("shared", text);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::jthread> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back([&, i] {
      const std::string name = "by-parent-" + std::to_string(i);
      while (!done) {
        place.files.write(name, text.substr(0, 1000));
        if (place.files.read_text(name).size() != 1000) ++wrong;
        if (place.files.read_text("shared") != text) ++wrong;
      }
    });
  }

  for (int number = 0; number < 4; ++number) {
    const pid_t pid = fork();
    if (pid == 0) child(place.files, text, number);
    int status = -1;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  done = true;
  busy.clear();
  CHECK(wrong == 0);
}
