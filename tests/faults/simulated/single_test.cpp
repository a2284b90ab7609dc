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
int fail_each_exchange(const Operation& operation, sim::Fault fault, std::size_t variant) {
  int cases = 0;
  for (std::size_t k = 0;; ++k) {
    World world({.seed = 17 + k, .cloud = {.variant = variant}});
    world.network().plan().faults = {{k, fault}};
    const Ending ending = run(operation, world);
    if (world.network().exchanges() <= k) return cases;
    if (world.network().applied() == 0) continue;
    ++cases;
    const auto wrong = judge(operation, world, ending);
    INFO(operation.name << ": " << sim::name_of(fault) << " at exchange " << k << ", seed "
                        << 17 + k << ", " << variants()[variant].name << '\n'
                        << describe(world, wrong));
    CHECK(wrong.empty());
  }
}

/// Returns how many faults were made.
int try_all_faults(const std::vector<Operation>& operations, std::size_t variant) {
  int total = 0;
  for (const Operation& operation : operations) {
    int cases = 0;
    for (const sim::Fault fault : sim::all_faults()) {
      if (is_tried(fault)) cases += fail_each_exchange(operation, fault, variant);
    }
    std::cout << operation.name << ": " << cases << " faults\n";
    total += cases;
  }
  std::cout << "together " << total << " faults (" << variants()[variant].name << ")\n";
  return total;
}

/// Of every variant that makes a difference.
int try_without_changes(const std::vector<Operation>& operations) {
  int total = 0;
  for (std::size_t variant = 0; variant < variants().size(); ++variant) {
    if (!variants()[variant].of_writes_only) total += try_all_faults(operations, variant);
  }
  return total;
}

TEST_CASE("without a fault every operation does what it should", "[simulated]") {
  for (std::size_t variant = 0; variant < variants().size(); ++variant) {
    for (const Operation& operation : all_operations(variant)) {
      World world({.cloud = {.variant = variant}});
      const Ending ending = run(operation, world);
      const auto wrong = judge(operation, world, ending);
      INFO(operation.name << ", " << variants()[variant].name << '\n' << describe(world, wrong));
      CHECK(wrong.empty());
      CHECK(ending.seen == operation.expected);
    }
  }
}

TEST_CASE("reads survive any single fault", "[simulated]") {
  CHECK(try_without_changes(reading_operations()) > floors().reads);
}

TEST_CASE("writes survive any single fault", "[simulated]") {
  int total = 0;
  for (std::size_t variant = 0; variant < variants().size(); ++variant) {
    total += try_all_faults(writing_operations(variants()[variant].part_size), variant);
  }
  CHECK(total > floors().writes);
}

TEST_CASE("lists and removals survive any single fault", "[simulated]") {
  CHECK(try_without_changes(tree_operations()) > floors().trees);
}

}  // namespace
