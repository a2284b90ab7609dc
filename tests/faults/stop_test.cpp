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

void wait_for(const Faulty& f, const Step& step) {
  static_cast<void>(f.proxy.wait_for_request(step.target));
}

/// Nobody answers that request.
void silence(Faulty& f, const Step& step) {
  f.always(step, {.kind = Kind::silent});
}

/// The server wants half a minute of peace.
void slow_down(Faulty& f) {
  HttpMessage reply = dialect().refusal(503);
  reply.set_header("Retry-After", "30");
  f.always(dialect().put(f.key()), {.kind = Kind::answer, .reply = reply});
}

}  // namespace

TEST_CASE("a stop ends a download that stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  f.once(dialect().read(f.key()), {.kind = GENERATE(Kind::stall, Kind::silent), .at = 100'000});

  check_stop([&] { wait_for(f, dialect().read(f.key())); },
             [&](const auto& call) { static_cast<void>(f.files.read("k", {.call = call})); });
}

TEST_CASE("a stop ends an upload that stalls, and aborts it") {
  Faulty f(patient());
  silence(f, dialect().part({}));

  check_stop([&] { wait_for(f, dialect().part(1)); },
             [&](const auto& call) { f.files.write("k", pattern(30 * kMiB), {.call = call}); });

  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.abandoned_uploads().empty());
}

TEST_CASE("a stop ends the wait before a retry") {
  Faulty f(patient());
  slow_down(f);

  check_stop([&] { wait_for(f, dialect().put(f.key())); },
             [&](const auto& call) { f.files.write("k", "x", {.call = call}); });
}

TEST_CASE("a deadline ends whatever stalls") {
  Faulty f(patient());
  f.put(pattern(30 * kMiB));
  silence(f, dialect().any(f.key()));
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
  CHECK(f.abandoned_uploads().empty());
}

TEST_CASE("a stop is obeyed within a second also if nobody answers the abort") {
  Faulty f(patient());
  silence(f, dialect().part({}));
  for (const Step& step : dialect().abort_steps()) silence(f, step);

  check_stop([&] { wait_for(f, dialect().part(1)); },
             [&](const auto& call) { f.files.write("k", pattern(30 * kMiB), {.call = call}); });
}

TEST_CASE("a stop ends any request that gets no answer") {
  const auto large = [](const Faulty& f, const vfs::CallOptions& call) {
    f.files.write("new", pattern(20 * kMiB), {.call = call});
  };
  struct Case {
    Step step;
    std::function<void(const Faulty&, const vfs::CallOptions&)> act;
  };
  const auto cases_of = [&](const Faulty& f) {
    const Dialect& service = dialect();
    std::vector<Case> cases{
        {service.put(f.key("new")),
         [](const Faulty& g, const auto& call) { g.files.write("new", "x", {.call = call}); }},
        {service.copy(f.key(), f.key("new")),
         [](const Faulty& g, const auto& call) { g.files.copy("k", "new", {.call = call}); }},
        {service.stat(f.key()),
         [](const Faulty& g, const auto& call) { static_cast<void>(g.files.stat("k", call)); }},
        {service.list(),
         [](const Faulty& g, const auto& call) {
           static_cast<void>(g.files.list("", {.call = call}));
         }},
        {service.remove(f.key()),
         [](const Faulty& g, const auto& call) { g.files.remove("k", call); }},
        {service.remove_together(),
         [](const Faulty& g, const auto& call) { g.files.remove_all("", call); }},
    };
    for (const Step& step : service.upload_steps(f.key("new"))) {
      if (!step.after_commit) cases.push_back({step, large});
    }
    return cases;
  };
  const std::size_t count = cases_of(Faulty()).size();
  for (std::size_t i = 0; i < count; ++i) {
    Faulty f(patient());
    f.put("text");
    f.put("text", "l");
    const Case c = cases_of(f)[i];
    INFO(c.step.what);
    silence(f, c.step);

    check_stop([&] { static_cast<void>(f.proxy.wait_for_fault()); },
               [&](const auto& call) { c.act(f, call); });

    CHECK(f.abandoned_uploads().empty());
  }
}

TEST_CASE("a deadline ends an upload in parts, and the upload is aborted") {
  Faulty f(patient());
  silence(f, dialect().part(1));
  const auto begin = Clock::now();

  CHECK(code_of([&] {
          f.files.write("k", pattern(20 * kMiB), {.call = {.deadline = begin + 500ms}});
        }) == vfs::ErrorCode::timeout);

  CHECK(Clock::now() - begin < 1500ms);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.abandoned_uploads().empty());
}

TEST_CASE("a deadline that comes before the next try is not waited for") {
  Faulty f(patient());
  slow_down(f);
  const auto begin = Clock::now();

  CHECK(code_of([&] { f.files.write("k", "x", {.call = {.deadline = begin + 20s}}); }) ==
        vfs::ErrorCode::timeout);

  CHECK(Clock::now() - begin < 1s);
}
