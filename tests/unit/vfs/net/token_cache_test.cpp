#include "vfs/net/token_cache.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;

struct Token {
  int number{0};
  std::optional<vfs::TimePoint> expires{};
  friend bool operator==(const Token&, const Token&) = default;
};

/// Tokens that live for an hour.
struct Fixture {
  std::shared_ptr<test::VirtualClock> clock = std::make_shared<test::VirtualClock>();
  std::atomic<int> fetches{0};
  std::atomic<bool> out_of_order{false};
  std::function<void()> while_fetching{};
  std::function<Token(int number)> make = [this](int number) {
    return Token{number, clock->now() + 60min};
  };
  vfs::net::TokenCache<Token> cache{
      clock, [this](const vfs::CallOptions&, const std::shared_ptr<const Token>&) {
        const int number = ++fetches;
        if (while_fetching) while_fetching();
        if (out_of_order) throw std::runtime_error("out of order");
        return make(number);
      }};
  int get() { return cache.get({})->number; }
  void pass(std::chrono::milliseconds time) { clock->sleep(time, {}); }
};

}  // namespace

TEST_CASE("a token is fetched once while it is good", "[net][token]") {
  Fixture f;
  CHECK(f.get() == 1);
  f.pass(44min);
  CHECK(f.get() == 1);
}

TEST_CASE("a token is renewed a quarter of an hour before its end", "[net][token]") {
  Fixture f;
  CHECK(f.get() == 1);
  f.pass(46min);
  CHECK(f.get() == 2);
  CHECK(f.get() == 2);
}

TEST_CASE("a token that can't be renewed is used to its end, without asking each time",
          "[net][token]") {
  Fixture f;
  CHECK(f.get() == 1);
  f.out_of_order = true;
  f.pass(55min);
  CHECK(f.get() == 1);
  CHECK(f.get() == 1);
  CHECK(f.fetches == 2);
  f.pass(11s);
  CHECK(f.get() == 1);
  CHECK(f.fetches == 3);
  f.pass(6min);
  CHECK_THROWS_AS(f.get(), std::runtime_error);
}

TEST_CASE("however many need a token, one fetches it", "[net][token]") {
  Fixture f;
  constexpr int kThreads = 8;
  std::latch all(kThreads);
  std::vector<std::jthread> threads;
  std::atomic<int> sum{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      all.arrive_and_wait();
      sum += f.get();
    });
  }
  threads.clear();
  CHECK(f.fetches == 1);
  CHECK(sum == kThreads);
}

TEST_CASE("while one renews a token ahead of its end, others go on with the old one",
          "[net][token]") {
  Fixture f;
  CHECK(f.get() == 1);
  f.pass(46min);
  f.while_fetching = [&] { CHECK(f.cache.get({})->number == 1); };
  CHECK(f.get() == 2);
}

TEST_CASE("a refused token is fetched anew, once for all who were refused", "[net][token]") {
  Fixture f;
  const auto bad = f.cache.get({});
  CHECK(f.cache.invalidate(*bad));
  CHECK(f.get() == 2);
  CHECK(f.cache.invalidate(*bad));
  CHECK(f.get() == 2);
}

TEST_CASE("a refused token that is still the only one is not fetched again and again",
          "[net][token]") {
  Fixture f;
  const auto end = f.clock->now() + 60min;
  f.make = [&](int) { return Token{1, end}; };
  const auto bad = f.cache.get({});
  CHECK(f.cache.invalidate(*bad));
  CHECK(f.get() == 1);
  CHECK_FALSE(f.cache.invalidate(*bad));
  CHECK(f.get() == 1);
  CHECK(f.fetches == 2);
  f.pass(11s);
  CHECK(f.cache.invalidate(*bad));
  CHECK(f.get() == 1);
  CHECK(f.fetches == 3);
}

TEST_CASE("what is there is told without a fetch", "[net][token]") {
  Fixture f;
  CHECK(f.cache.current() == nullptr);
  CHECK(f.get() == 1);
  f.pass(2h);
  CHECK(f.cache.current()->number == 1);
  CHECK(f.fetches == 1);
}

TEST_CASE("who gives up a fetch does not make others fail, who fetch for themselves",
          "[net][token]") {
  Fixture f;
  std::stop_source stop;
  std::latch fetching(1);
  std::latch release(1);
  f.while_fetching = [&] {
    if (f.fetches > 1) return;
    fetching.count_down();
    release.wait();
    throw vfs::net::TransportError(vfs::net::TransportFailure::cancelled, "cancelled");
  };
  auto impatient = std::async(std::launch::async,
                              [&] { return f.cache.get({.stop = stop.get_token()})->number; });
  fetching.wait();
  auto other = std::async(std::launch::async, [&] { return f.get(); });
  stop.request_stop();
  release.count_down();
  CHECK_THROWS_AS(impatient.get(), vfs::net::TransportError);
  CHECK(other.get() == 2);
}

TEST_CASE("short-lived tokens are renewed at half of their life, not all the time",
          "[net][token]") {
  Fixture f;
  f.make = [&](int number) { return Token{number, f.clock->now() + 5min}; };
  CHECK(f.get() == 1);
  f.pass(2min);
  CHECK(f.get() == 1);
  f.pass(1min);
  CHECK(f.get() == 2);
  CHECK(f.get() == 2);
}

TEST_CASE("a refused token is not used on when it can't be renewed", "[net][token]") {
  Fixture f;
  const auto bad = f.cache.get({});
  f.out_of_order = true;
  CHECK(f.cache.invalidate(*bad));
  CHECK_THROWS_AS(f.get(), std::runtime_error);
}

TEST_CASE("who waits for another's token can be stopped", "[net][token]") {
  Fixture f;
  std::latch fetching(1);
  std::latch release(1);
  f.while_fetching = [&] {
    fetching.count_down();
    release.wait();
  };
  auto slow = std::async(std::launch::async, [&] { return f.get(); });
  fetching.wait();
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(f.cache.get({.stop = stop.get_token()}), vfs::net::TransportError);
  CHECK_THROWS_AS(f.cache.get({.deadline = std::chrono::steady_clock::now()}),
                  vfs::net::TransportError);
  release.count_down();
  CHECK(slow.get() == 1);
}
