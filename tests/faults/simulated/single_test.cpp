// Every fault at every exchange of every operation: fail exchange k for k = 0, 1, … until a run
// sees no fault (as SQLite tests I/O errors).
#include <iostream>

#include "tests/faults/simulated/operation.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace cairn::test;

/// Static keys can't be renewed: see credentials_test.cpp.
bool is_tried(sim::Fault fault) {
  return fault != sim::Fault::expired;
}

/// Returns how often the fault was made.
int fail_each_exchange(const Operation& operation, sim::Fault fault, bool completes_twice) {
  int cases = 0;
  for (std::size_t k = 0;; ++k) {
    World world({.seed = 17 + k, .server = {.completes_twice = completes_twice}});
    world.network().plan().faults = {{k, fault}};
    const Ending ending = run(operation, world);
    if (world.network().exchanges() <= k) return cases;
    if (world.network().applied() == 0) continue;
    ++cases;
    const auto wrong = judge(operation, world, ending);
    INFO(operation.name << ": " << sim::name_of(fault) << " at exchange " << k << ", seed "
                        << 17 + k << '\n'
                        << describe(world, wrong));
    CHECK(wrong.empty());
  }
}

/// Returns how many faults were made.
int try_all_faults(const std::vector<Operation>& operations, bool completes_twice = true) {
  int total = 0;
  for (const Operation& operation : operations) {
    int cases = 0;
    for (const sim::Fault fault : sim::all_faults()) {
      if (is_tried(fault)) cases += fail_each_exchange(operation, fault, completes_twice);
    }
    std::cout << operation.name << ": " << cases << " faults\n";
    total += cases;
  }
  std::cout << "together " << total << " faults\n";
  return total;
}

TEST_CASE("without a fault every operation does what it should", "[simulated]") {
  for (const Operation& operation : all_operations()) {
    World world({});
    const Ending ending = run(operation, world);
    const auto wrong = judge(operation, world, ending);
    INFO(operation.name << '\n' << describe(world, wrong));
    CHECK(wrong.empty());
    CHECK(ending.seen == operation.expected);
  }
}

TEST_CASE("reads survive any single fault", "[simulated]") {
  CHECK(try_all_faults(reading_operations()) > 600);
}

TEST_CASE("writes survive any single fault", "[simulated]") {
  CHECK(try_all_faults(writing_operations()) > 1500);
}

TEST_CASE("writes survive any single fault where an upload is gone once it is complete",
          "[simulated]") {
  CHECK(try_all_faults(writing_operations(), false) > 1500);
}

TEST_CASE("lists and removals survive any single fault", "[simulated]") {
  CHECK(try_all_faults(tree_operations()) > 450);
}

}  // namespace
