#include "vfs/base/thread_pool.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;

TEST_CASE("for_each calls every index once", "[thread_pool]") {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> calls(1000);

  pool.for_each(calls.size(), 4, [&](std::size_t i, const std::stop_token&) { ++calls[i]; });

  for (const auto& count : calls) CHECK(count == 1);
}

TEST_CASE("for_each runs as many at once as it was allowed", "[thread_pool]") {
  ThreadPool pool(8);
  std::latch all_there(4);  // opens only if four run at the same time

  pool.for_each(4, 4, [&](std::size_t, const std::stop_token&) { all_there.arrive_and_wait(); });

  CHECK(all_there.try_wait());
}

TEST_CASE("for_each makes progress when all threads of the pool are busy", "[thread_pool]") {
  ThreadPool pool(1);
  std::promise<void> release;
  pool.submit([wait = release.get_future().share()] { wait.wait(); });
  std::set<std::thread::id> threads;

  pool.for_each(3, 3, [&](std::size_t, const std::stop_token&) {
    threads.insert(std::this_thread::get_id());
  });
  release.set_value();

  CHECK(threads == std::set{std::this_thread::get_id()});
}

TEST_CASE("the first exception stops the rest and is thrown", "[thread_pool]") {
  ThreadPool pool(4);
  std::atomic<int> calls{0};

  CHECK_THROWS_WITH(pool.for_each(1000, 1,
                                  [&](std::size_t i, const std::stop_token&) {
                                    ++calls;
                                    if (i == 10) throw std::runtime_error("eleven");
                                  }),
                    "eleven");

  CHECK(calls == 11);
}

TEST_CASE("running tasks see that another one has failed", "[thread_pool]") {
  ThreadPool pool(2);
  std::latch both_there(2);

  CHECK_THROWS_WITH(pool.for_each(2, 2,
                                  [&](std::size_t i, const std::stop_token& stop) {
                                    both_there.arrive_and_wait();
                                    if (i == 0) throw std::runtime_error("first");
                                    while (!stop.stop_requested()) std::this_thread::yield();
                                  }),
                    "first");
}

TEST_CASE("for_each that was stopped before the end throws cancelled", "[thread_pool]") {
  ThreadPool pool(2);
  std::stop_source source;

  try {
    pool.for_each(
        10, 1, [&](std::size_t, const std::stop_token&) { source.request_stop(); },
        source.get_token());
    FAIL("not stopped");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
  }
}

TEST_CASE("a pool can be nested in its own tasks", "[thread_pool]") {
  ThreadPool pool(2);
  std::atomic<int> calls{0};

  pool.for_each(8, 8, [&](std::size_t, const std::stop_token&) {
    pool.for_each(8, 8, [&](std::size_t, const std::stop_token&) { ++calls; });
  });

  CHECK(calls == 64);
}

TEST_CASE("a pool that goes away runs what was submitted first", "[thread_pool]") {
  std::atomic<int> calls{0};
  {
    ThreadPool pool(2);
    for (int i = 0; i < 100; ++i) pool.submit([&] { ++calls; });
  }
  CHECK(calls == 100);
}

TEST_CASE("the last owner of a pool may be one of its tasks", "[thread_pool]") {
  auto pool = std::make_shared<ThreadPool>(2);
  std::promise<void> ended;
  ThreadPool& reference = *pool;
  reference.submit([owner = std::move(pool), &ended]() mutable {
    owner = nullptr;
    ended.set_value();
  });
  CHECK_NOTHROW(ended.get_future().get());
}
