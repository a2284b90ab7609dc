#include "vfs/net/watchdog.hpp"

#include "tests/support/catch.hpp"

namespace {

using cairn::vfs::net::Watchdog;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Watchdog::Time kStart{seconds{1000}};

}  // namespace

TEST_CASE("an exchange in which nothing moves stands still when its patience is over") {
  Watchdog watchdog(seconds{20}, kStart);
  CHECK(watchdog.left(kStart) == seconds{20});
  CHECK(watchdog.left(kStart + seconds{19}) == seconds{1});
  CHECK(watchdog.left(kStart + seconds{20}) == milliseconds{0});
}

TEST_CASE("a byte per second counts as standing still") {
  Watchdog watchdog(seconds{20}, kStart);
  for (int second = 1; second < 20; ++second) {
    watchdog.add(1);
    CHECK(watchdog.left(kStart + seconds{second}) > milliseconds{0});
  }
  watchdog.add(1);
  CHECK(watchdog.left(kStart + seconds{20}) == milliseconds{0});
}

TEST_CASE("two kilobytes per second may go on for ever") {
  Watchdog watchdog(seconds{20}, kStart);
  for (int second = 1; second < 200; ++second) {
    watchdog.add(2048);
    REQUIRE(watchdog.left(kStart + seconds{second}) > milliseconds{0});
  }
}

TEST_CASE("a new phase has a patience of its own") {
  Watchdog watchdog(seconds{20}, kStart);
  watchdog.begin_phase(seconds{120}, kStart + seconds{10});
  CHECK(watchdog.left(kStart + seconds{129}) == seconds{1});
  CHECK(watchdog.left(kStart + seconds{130}) == milliseconds{0});
}
