// Whoever asks to stop, or has a deadline, is let go within a second, and nothing is left behind.
#include <stop_token>
#include <thread>

#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// The default waits: 20 s for a stall.
vfs::Config patient() {
  return {.retry = {.base_delay = 10s, .max_delay = 20s}};
}

}  // namespace

TEST_CASE("a stop ends a download that stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  f.once("GET", "/k", {.kind = GENERATE(Kind::stall, Kind::silent), .at = 100'000});
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    static_cast<void>(f.proxy.wait_for_request("GET "));
    asked = Clock::now();
    stop.request_stop();
  });
  CHECK(code_of([&] {
          static_cast<void>(f.files.read("k", {.call = {.stop = stop.get_token()}}));
        }) == vfs::ErrorCode::cancelled);
  stopper.join();
  CHECK(Clock::now() - asked < 1s);
}

TEST_CASE("a stop ends an upload that stalls, and aborts it") {
  Faulty f(patient());
  f.proxy.add(
      {.method = "PUT", .target = "partNumber=", .fault = {.kind = Kind::silent}, .times = 100});
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    static_cast<void>(f.proxy.wait_for_request("partNumber=2"));
    asked = Clock::now();
    stop.request_stop();
  });
  CHECK(code_of([&] {
          f.files.write("k", pattern(30 * kMiB), {.call = {.stop = stop.get_token()}});
        }) == vfs::ErrorCode::cancelled);
  stopper.join();
  CHECK(Clock::now() - asked < 1s);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a stop ends the wait before a retry") {
  Faulty f(patient());
  f.proxy.add({.method = "PUT",
               .target = "/k",
               .fault = {.kind = Kind::answer,
                         .reply = test::error_reply(503, "SlowDown", {{"Retry-After", "30"}})},
               .times = 100});
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    static_cast<void>(f.proxy.wait_for_request("PUT "));
    asked = Clock::now();
    stop.request_stop();
  });
  CHECK(code_of([&] { f.files.write("k", "x", {.call = {.stop = stop.get_token()}}); }) ==
        vfs::ErrorCode::cancelled);
  stopper.join();
  CHECK(Clock::now() - asked < 1s);
}

TEST_CASE("a deadline ends whatever stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  f.proxy.add({.target = "/k", .fault = {.kind = Kind::silent}, .times = 100});
  const auto call = [] { return vfs::CallOptions{.deadline = Clock::now() + 100ms}; };
  const auto begin = Clock::now();
  CHECK(code_of([&] { static_cast<void>(f.files.read("k", {.call = call()})); }) ==
        vfs::ErrorCode::timeout);
  CHECK(code_of([&] { f.files.write("k", pattern(30 * kMiB), {.call = call()}); }) ==
        vfs::ErrorCode::timeout);
  CHECK(code_of([&] { f.files.remove("k", call()); }) == vfs::ErrorCode::timeout);
  CHECK(code_of([&] { f.files.copy("k", "l", {.call = call()}); }) == vfs::ErrorCode::timeout);
  CHECK(Clock::now() - begin < 4s);
}

TEST_CASE("a writer that is stopped leaves nothing behind") {
  Faulty f(patient());
  std::stop_source stop;
  {
    vfs::Writer writer = f.files.open_write("k", {.call = {.stop = stop.get_token()}});
    const std::string text = pattern(20 * kMiB);
    writer.write(vfs::as_bytes(text));
    stop.request_stop();
    CHECK(code_of([&] { static_cast<void>(writer.commit()); }) == vfs::ErrorCode::cancelled);
  }
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}
