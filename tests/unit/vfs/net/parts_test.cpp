#include "vfs/net/parts.hpp"

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST_CASE("giving up takes less than a second if the caller has stopped or is late",
          "[net][parts]") {
  std::stop_source stop;
  stop.request_stop();
  CHECK(*net::abort_options({.stop = stop.get_token()}).deadline < steady_clock::now() + 1s);
  CHECK(*net::abort_options({.deadline = steady_clock::now() - 1s}).deadline <
        steady_clock::now() + 1s);
}

TEST_CASE("giving up has time otherwise, and does not stop with the caller", "[net][parts]") {
  std::stop_source stop;
  const CallOptions options = net::abort_options({.stop = stop.get_token()});
  CHECK(*options.deadline > steady_clock::now() + 5s);
  stop.request_stop();
  CHECK_FALSE(options.stop.stop_requested());
}

}  // namespace
