#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>

#include "checkpoint/format/error.hpp"
#include "tests/support/catch.hpp"
#include "trainer/loader.hpp"
#include "trainer/permutation.hpp"

namespace {

using cairn::Loader;
using cairn::LoaderOptions;

struct Numbers {
  std::int64_t count{10};
  [[nodiscard]] std::int64_t size() const { return count; }
  [[nodiscard]] std::vector<at::Tensor> fetch(std::span<const std::int64_t>) const { return {}; }
};

std::vector<std::int64_t> epoch_order(const cairn::LoaderState& state) {
  std::vector<std::int64_t> order;
  for (std::int64_t batch = 0; batch < state.batches(); ++batch) {
    for (const std::int64_t index : state.indices(batch)) order.push_back(index);
  }
  return order;
}

}  // namespace

TEST_CASE("a permutation of any size holds every index once", "[loader]") {
  for (const std::uint64_t size : {1U, 2U, 3U, 7U, 64U, 65U, 1000U}) {
    const cairn::Permutation order(size, 42);
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) seen.insert(order(i));
    CHECK(seen.size() == size);
    CHECK(*seen.rbegin() == size - 1);
  }
}

TEST_CASE("positions and indices of a shuffle are uncorrelated", "[loader]") {
  constexpr std::uint64_t size = 10'000;
  const cairn::Permutation order(size, 7);
  double sum = 0;
  for (std::uint64_t i = 0; i < size; ++i)
    sum += (static_cast<double>(i) / size - 0.5) * (static_cast<double>(order(i)) / size - 0.5);

  // The correlation's standard deviation is 1/sqrt(size) = 0.01; the variance of a uniform is 1/12.
  CHECK(std::abs(sum / size * 12) < 0.05);
}

TEST_CASE("epochs and seeds have orders of their own", "[loader]") {
  const cairn::LoaderState state{.seed = 1, .batch_size = 3, .dataset_size = 50, .shuffle = true};
  cairn::LoaderState next = state;
  next.epoch = 1;
  cairn::LoaderState other = state;
  other.seed = 2;

  CHECK(epoch_order(state) != epoch_order(next));
  CHECK(epoch_order(state) != epoch_order(other));
  CHECK(epoch_order(state) == epoch_order(cairn::LoaderState(state)));
  auto sorted = epoch_order(state);
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> all(50);
  std::iota(all.begin(), all.end(), 0);
  CHECK(sorted == all);
}

TEST_CASE("drop_last leaves out the batch that is not full", "[loader]") {
  CHECK(Loader(Numbers{}, {.batch_size = 4}).size() == 3);
  CHECK(Loader(Numbers{}, {.batch_size = 4, .drop_last = true}).size() == 2);
  CHECK(cairn::LoaderState{.batch_size = 4, .dataset_size = 10}.indices(2) ==
        std::vector<std::int64_t>{8, 9});
}

TEST_CASE("prefetched batches come in order and only delivered ones count", "[loader]") {
  struct Indexed {
    [[nodiscard]] std::int64_t size() const { return 12; }
    [[nodiscard]] std::map<std::string, at::Tensor> fetch(std::span<const std::int64_t> indices,
                                                          std::uint64_t) const {
      return {{std::to_string(indices[0]), {}}};
    }
  };
  Loader loader(Indexed{}, {.batch_size = 2, .prefetch = 3});
  loader.seek(0, 2);

  CHECK(loader.next()->begin()->first == "4");
  CHECK(loader.next()->begin()->first == "6");
  CHECK(loader.state().next_batch == 4);
  loader.seek(1, 5);
  CHECK(loader.next()->begin()->first == "10");
  CHECK_FALSE(loader.next());
}

TEST_CASE("what a dataset throws on the prefetching thread comes out of next", "[loader]") {
  struct Broken {
    [[nodiscard]] std::int64_t size() const { return 4; }
    [[nodiscard]] std::vector<at::Tensor> fetch(std::span<const std::int64_t> indices) const {
      if (indices[0] == 1) throw std::runtime_error("sample 1 is broken");
      return {};
    }
  };
  Loader loader(Broken{}, {.batch_size = 1, .prefetch = 2});

  CHECK(loader.next());
  CHECK_THROWS_WITH(loader.next(), "sample 1 is broken");
}

TEST_CASE("a saved position is refused in the middle of an epoch if the batches would be others",
          "[loader]") {
  Loader loader(Numbers{}, {.batch_size = 4});
  cairn::LoaderState saved{.batch_size = 2, .dataset_size = 10};

  loader.restore(saved);
  saved.next_batch = 1;
  CHECK_THROWS_AS(loader.restore(saved), cairn::checkpoint::Error);
}

TEST_CASE("a batch size of zero is refused", "[loader]") {
  CHECK_THROWS_AS(Loader(Numbers{}, {.batch_size = 0}), std::invalid_argument);
}
