// Credentials that run out in the middle of what needs them, and a server that admits few requests.
#include <iostream>

#include "tests/faults/simulated/operation.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace cairn::test;

TEST_CASE("a token that runs out at any exchange is renewed", "[simulated]") {
  int cases = 0;
  for (const Operation& operation : all_operations(0)) {
    for (std::size_t k = 0;; ++k) {
      World world({.seed = 5 + k, .cloud = {.rotating_credentials = true}});
      world.network().plan().faults = {{k, sim::Fault::expired}};
      const Ending ending = run(operation, world);
      if (world.network().exchanges() <= k) break;
      ++cases;
      const auto wrong = judge(operation, world, ending);
      INFO(operation.name << " at exchange " << k << '\n' << describe(world, wrong));
      CHECK(wrong.empty());
      CHECK(ending.seen == operation.expected);
    }
  }
  std::cout << "expired tokens: " << cases << " cases\n";
}

TEST_CASE("a token that runs out at each part of an upload of 20 parts is renewed", "[simulated]") {
  const std::string bytes = text_of(20 * variants()[0].part_size, 31);
  for (std::size_t k = 0; k < 24; ++k) {
    World world({.seed = k, .cloud = {.rotating_credentials = true}});
    for (std::size_t at = k; at < 40; at += 5) {
      world.network().plan().faults[at] = sim::Fault::expired;
    }

    world.files().write("file", bytes);

    CHECK(world.service().content("file") == bytes);
    CHECK(world.service().leftovers() == 0);
  }
}

TEST_CASE("credentials come whatever befalls the endpoint that gives them", "[simulated]") {
  int cases = 0;
  for (const Operation& operation : all_operations(0)) {
    for (const sim::Fault fault : sim::all_faults()) {
      World world({.seed = 23, .cloud = {.rotating_credentials = true}});
      world.network().plan().faults = {{0, fault}};
      const Ending ending = run(operation, world);
      if (world.network().applied() == 0) continue;
      ++cases;
      const auto wrong = judge(operation, world, ending);
      INFO(operation.name << ", " << sim::name_of(fault) << '\n' << describe(world, wrong));
      CHECK(wrong.empty());
    }
  }
  std::cout << "faults of the credentials' endpoint: " << cases << " cases\n";
  CHECK(cases > 600);
}

/// Admits so many requests per virtual second.
class Gate {
 public:
  Gate(int admitted, sim::Reply refusal) : admitted_(admitted), refusal_(std::move(refusal)) {}
  std::optional<sim::Reply> operator()(const cairn::vfs::net::Request&, sim::TimePoint now) {
    const auto second = now.time_since_epoch() / std::chrono::seconds{1};
    if (second != second_) count_ = 0;
    second_ = second;
    if (++count_ <= admitted_) return {};
    ++refused_;
    return refusal_;
  }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  int admitted_;
  sim::Reply refusal_;
  std::int64_t second_{0};
  int count_{0};
  int refused_{0};
};

TEST_CASE("a server that admits few requests is slowed down for, and all goes well",
          "[simulated]") {
  const std::string bytes = text_of(40 * variants()[0].part_size, 32);
  for (const int parallel : {1, 8}) {
    // Virtual sleeps take no time: while the others wait for a processor, one thread can use up the
    // attempts that would do in a real minute.
    World world({.seed = 9, .parallel = parallel, .attempts = parallel == 1 ? 10 : 40});
    const auto gate = std::make_shared<Gate>(5, world.service().refusal(throttling()));
    world.network().before_service = [gate](const cairn::vfs::net::Request& request,
                                            sim::TimePoint now) { return (*gate)(request, now); };

    for (const char* name : {"a", "b", "c"}) world.files().write(name, bytes);
    const std::string read = world.files().read_text("b");
    world.files().remove_all("");

    CHECK(read == bytes);
    CHECK(world.service().keys().empty());
    CHECK(gate->refused() > 0);
    const auto admitted = world.network().exchanges() - static_cast<std::size_t>(gate->refused());
    INFO(gate->refused() << " of " << world.network().exchanges() << " were refused");
    CHECK(static_cast<std::size_t>(gate->refused()) < 3 * admitted);
  }
}

}  // namespace
