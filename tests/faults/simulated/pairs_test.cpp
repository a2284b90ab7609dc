// Two and three faults at random exchanges of random operations. CAIRN_SEED replays a run.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>

#include "tests/faults/simulated/operation.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace cairn::test;

constexpr int kRuns = 10'000;
constexpr std::chrono::seconds kTime{20};

std::uint64_t first_seed() {
  const char* text = std::getenv("CAIRN_SEED");
  return text == nullptr ? 20260212 : std::strtoull(text, nullptr, 10);
}

/// What a run is drawn from.
struct Candidate {
  Operation operation{};
  std::size_t exchanges{0};  ///< if all goes well
};

/// Of each variant.
std::vector<std::vector<Candidate>> all_candidates() {
  std::vector<std::vector<Candidate>> all;
  for (std::size_t variant = 0; variant < variants().size(); ++variant) {
    std::vector<Candidate>& candidates = all.emplace_back();
    for (Operation& operation : all_operations(variant)) {
      World world({.cloud = {.variant = variant}});
      static_cast<void>(run(operation, world));
      candidates.push_back(
          {.operation = std::move(operation), .exchanges = world.network().exchanges()});
    }
  }
  return all;
}

/// Two or three out of all but the one that needs other credentials.
std::map<std::size_t, sim::Fault> draw_faults(std::mt19937_64& random, std::size_t exchanges) {
  const auto all = sim::all_faults();
  std::map<std::size_t, sim::Fault> faults;
  bool moved = false;
  const std::size_t count = 2 + random() % 2;
  while (faults.size() < count) {
    const sim::Fault fault = all[random() % all.size()];
    // A bucket moves once: a client that ran after one that moves on and on would never end.
    const bool moves = fault == sim::Fault::moved_400 || fault == sim::Fault::moved_301;
    if (fault == sim::Fault::expired || (moves && std::exchange(moved, true))) continue;
    faults[random() % exchanges] = fault;
  }
  return faults;
}

/// Returns how many cases there were.
int doubt_with_another_writer(std::size_t variant) {
  int cases = 0;
  for (const Operation& operation : writing_operations(variants()[variant].part_size)) {
    for (const sim::Fault fault :
         {sim::Fault::reset_before, sim::Fault::lost_answer, sim::Fault::stalled_before,
          sim::Fault::stalled_after, sim::Fault::status_500, sim::Fault::status_500_after}) {
      for (std::size_t k = 0;; ++k) {
        World world({.seed = k, .cloud = {.variant = variant}});
        world.network().plan().faults = {{k, fault}, {k + 1, sim::Fault::replaced}};
        const Ending ending = run(operation, world);
        if (world.network().exchanges() <= k) break;
        ++cases;
        const auto wrong = judge(operation, world, ending);
        INFO(operation.name << ", " << sim::name_of(fault) << " at " << k << ", "
                            << variants()[variant].name << '\n'
                            << describe(world, wrong));
        CHECK(wrong.empty());
      }
    }
  }
  return cases;
}

TEST_CASE("doubt is resolved rightly when another client has written in between", "[simulated]") {
  int cases = 0;
  for (std::size_t variant = 0; variant < variants().size(); ++variant) {
    cases += doubt_with_another_writer(variant);
  }
  std::cout << "doubt with another writer: " << cases << " cases\n";
  CHECK(cases > floors().doubts);
}

TEST_CASE("operations survive several faults", "[simulated]") {
  const std::vector<std::vector<Candidate>> candidates = all_candidates();
  const auto end = std::chrono::steady_clock::now() + kTime;
  const std::uint64_t first = first_seed();
  int runs = 0;
  std::size_t applied = 0;
  for (; runs < kRuns && std::chrono::steady_clock::now() < end; ++runs) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(runs);
    std::mt19937_64 random(seed);
    const std::size_t variant = random() % variants().size();
    const auto& [operation, exchanges] = candidates[variant][random() % candidates[variant].size()];
    World world({.seed = seed, .cloud = {.variant = variant}});
    world.network().plan().faults = draw_faults(random, exchanges + 3);

    const Ending ending = run(operation, world);

    const auto wrong = judge(operation, world, ending);
    applied += world.network().applied();
    if (wrong.empty()) continue;
    INFO(operation.name << ", " << variants()[variant].name << ", CAIRN_SEED=" << seed << '\n'
                        << describe(world, wrong));
    CHECK(wrong.empty());
  }
  std::cout << runs << " runs, " << applied << " faults, from CAIRN_SEED=" << first << '\n';
  CHECK(runs > 1000);
}

}  // namespace
