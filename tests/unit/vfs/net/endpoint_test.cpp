#include "vfs/net/endpoint.hpp"

#include <stop_token>
#include <thread>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs::net;
using namespace std::chrono_literals;
using Answer = Throttle::Answer;

const Throttle::Time kStart{1000s};

void enter(Throttle& throttle, int requests) {
  for (int i = 0; i < requests; ++i) REQUIRE(throttle.enter({}, {}));
}

}  // namespace

TEST_CASE("retries take tokens until none are left, and get them back", "[net][endpoint]") {
  RetryTokens tokens(12);

  CHECK(tokens.take(5));
  CHECK(tokens.take(5));
  CHECK_FALSE(tokens.take(5));
  CHECK(tokens.left() == 2);
  tokens.give_back(5);
  CHECK(tokens.take(5));
  tokens.give_back(100);
  CHECK(tokens.left() == 12);
}

TEST_CASE("without a capacity retries are free", "[net][endpoint]") {
  RetryTokens tokens(0);
  CHECK(tokens.take(1000));
}

TEST_CASE("a server that asks to slow down gets half as many requests at once", "[net][endpoint]") {
  Throttle throttle(128);
  enter(throttle, 16);

  throttle.leave(Answer::slow_down, kStart, kStart + 1s);

  CHECK(throttle.limit() == 8);
}

TEST_CASE("answers to requests from before the cut cut nothing more", "[net][endpoint]") {
  Throttle throttle(128);
  enter(throttle, 16);

  for (int i = 0; i < 8; ++i) throttle.leave(Answer::slow_down, kStart, kStart + 1s);
  CHECK(throttle.limit() == 8);
  throttle.leave(Answer::slow_down, kStart + 2s, kStart + 3s);
  CHECK(throttle.limit() == 4);
}

TEST_CASE("one request at once is always allowed", "[net][endpoint]") {
  Throttle throttle(128);
  for (int i = 0; i < 5; ++i) {
    enter(throttle, 1);
    throttle.leave(Answer::slow_down, kStart + i * 1s, kStart + i * 1s);
  }
  CHECK(throttle.limit() == 1);
}

TEST_CASE("with each round of successes one more request is allowed, until there is no limit",
          "[net][endpoint]") {
  Throttle throttle(8);
  enter(throttle, 8);
  throttle.leave(Answer::slow_down, kStart, kStart);
  REQUIRE(throttle.limit() == 4);

  for (int i = 0; i < 4; ++i) throttle.leave(Answer::carried_out, kStart, kStart);
  CHECK(throttle.limit() == Approx(5).margin(0.1));
  for (int i = 0; i < 40; ++i) {
    enter(throttle, 1);
    throttle.leave(Answer::carried_out, kStart, kStart);
  }
  CHECK(throttle.limit() == 8);
}

TEST_CASE("a request waits while the server bears no more", "[net][endpoint]") {
  Throttle throttle(8);
  enter(throttle, 2);
  throttle.leave(Answer::slow_down, kStart, kStart);  // one is in flight, and one is allowed

  SECTION("until another one is through") {
    std::jthread waiting([&] { CHECK(throttle.enter({}, {})); });
    throttle.leave(Answer::other, kStart, kStart);
  }
  SECTION("until it is stopped") {
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(throttle.enter(stop.get_token(), {}));
  }
  SECTION("until its deadline") {
    CHECK_FALSE(throttle.enter({}, std::chrono::steady_clock::now() + 1ms));
  }
}

TEST_CASE("the requests to one host share an endpoint, whatever their path", "[net][endpoint]") {
  Endpoints endpoints(500, 128);
  const auto one = endpoints.of("https://a.example:9000/x/y?z");

  CHECK(endpoints.of("https://a.example:9000") == one);
  CHECK(endpoints.of("https://a.example:9000?q=http://b/") == one);
  CHECK(endpoints.of("https://a.example:9001/x/y") != one);
  CHECK(endpoints.of("http://a.example:9000/x/y") != one);
}
