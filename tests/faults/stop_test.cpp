// Whoever asks to stop, or has a deadline, is let go within a second, and nothing is left behind.
#include <functional>
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

/// Asks the call to stop when `wait` comes back: then it has a second to end.
void check_stop(const std::function<void()>& wait,
                const std::function<void(const vfs::CallOptions&)>& call) {
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    wait();
    asked = Clock::now();
    stop.request_stop();
  });
  CHECK(code_of([&] { call({.stop = stop.get_token()}); }) == vfs::ErrorCode::cancelled);
  stopper.join();
  CHECK(Clock::now() - asked < 1s);
}

void wait_for(Faulty& f, const std::string& request) {
  static_cast<void>(f.proxy.wait_for_request(request));
}

/// Nobody answers that request.
void silence(Faulty& f, const std::string& method, const std::string& target) {
  f.proxy.add({.method = method, .target = target, .fault = {.kind = Kind::silent}, .times = 100});
}

/// The server wants half a minute of peace.
void slow_down(Faulty& f) {
  f.proxy.add({.method = "PUT",
               .target = "/k",
               .fault = {.kind = Kind::answer,
                         .reply = test::error_reply(503, "SlowDown", {{"Retry-After", "30"}})},
               .times = 100});
}

}  // namespace

TEST_CASE("a stop ends a download that stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  f.once("GET", "/k", {.kind = GENERATE(Kind::stall, Kind::silent), .at = 100'000});

  check_stop([&] { wait_for(f, "GET "); },
             [&](const auto& call) { static_cast<void>(f.files.read("k", {.call = call})); });
}

TEST_CASE("a stop ends an upload that stalls, and aborts it") {
  Faulty f(patient());
  silence(f, "PUT", "partNumber=");

  check_stop([&] { wait_for(f, "partNumber=2"); },
             [&](const auto& call) { f.files.write("k", pattern(30 * kMiB), {.call = call}); });

  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a stop ends the wait before a retry") {
  Faulty f(patient());
  slow_down(f);

  check_stop([&] { wait_for(f, "PUT "); },
             [&](const auto& call) { f.files.write("k", "x", {.call = call}); });
}

TEST_CASE("a deadline ends whatever stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  silence(f, "", "/k");
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

TEST_CASE("a stop is obeyed within a second also if nobody answers the abort") {
  Faulty f(patient());
  silence(f, "PUT", "partNumber=");
  silence(f, "DELETE", "uploadId=");

  check_stop([&] { wait_for(f, "partNumber=2"); },
             [&](const auto& call) { f.files.write("k", pattern(30 * kMiB), {.call = call}); });
}

TEST_CASE("a stop ends any request that gets no answer") {
  const auto large = [](const Faulty& f, const vfs::CallOptions& call) {
    f.files.write("new", pattern(20 * kMiB), {.call = call});
  };
  struct Case {
    std::string method;
    std::string target;
    std::function<void(const Faulty&, const vfs::CallOptions&)> act;
  };
  const Case cases[]{
      {"POST", "?uploads", large},
      {"POST", "uploadId=", large},
      {"PUT", "/new",
       [](const Faulty& f, const auto& call) { f.files.write("new", "x", {.call = call}); }},
      {"PUT", "/new",
       [](const Faulty& f, const auto& call) { f.files.copy("k", "new", {.call = call}); }},
      {"HEAD", "/k",
       [](const Faulty& f, const auto& call) { static_cast<void>(f.files.stat("k", call)); }},
      {"GET", "list-type=2",
       [](const Faulty& f, const auto& call) {
         static_cast<void>(f.files.list("", {.call = call}));
       }},
      {"DELETE", "/k", [](const Faulty& f, const auto& call) { f.files.remove("k", call); }},
      {"POST", "?delete", [](const Faulty& f, const auto& call) { f.files.remove_all("", call); }},
  };
  for (const Case& c : cases) {
    INFO(c.method << " " << c.target);
    Faulty f(patient());
    f.put("text");
    f.put("text", "l");
    silence(f, c.method, c.target);

    check_stop([&] { static_cast<void>(f.proxy.wait_for_fault()); },
               [&](const auto& call) { c.act(f, call); });

    CHECK(f.pending_uploads().empty());
  }
}

TEST_CASE("a deadline ends an upload in parts, and the upload is aborted") {
  Faulty f(patient());
  silence(f, "PUT", "partNumber=2");
  const auto begin = Clock::now();

  CHECK(code_of([&] {
          f.files.write("k", pattern(20 * kMiB), {.call = {.deadline = begin + 500ms}});
        }) == vfs::ErrorCode::timeout);

  CHECK(Clock::now() - begin < 1500ms);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a deadline that comes before the next try is not waited for") {
  Faulty f(patient());
  slow_down(f);
  const auto begin = Clock::now();

  CHECK(code_of([&] { f.files.write("k", "x", {.call = {.deadline = begin + 20s}}); }) ==
        vfs::ErrorCode::timeout);

  CHECK(Clock::now() - begin < 1s);
}
