#include "vfs/base/memory_budget.hpp"

#include "tests/support/catch.hpp"

using namespace cairn::vfs;

TEST_CASE("a budget gives no more than it has", "[memory_budget]") {
  MemoryBudget budget(10);
  CHECK(budget.try_take(6));
  CHECK_FALSE(budget.try_take(5));
  budget.give_back(6);
  CHECK(budget.try_take(10));
}

TEST_CASE("what was taken beyond a budget is paid back before others get any", "[memory_budget]") {
  MemoryBudget budget(10);
  budget.take(15);
  budget.give_back(5);
  CHECK_FALSE(budget.try_take(1));
  budget.give_back(10);
  CHECK(budget.try_take(10));
}
