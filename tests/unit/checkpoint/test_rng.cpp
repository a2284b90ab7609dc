// The state of random generators.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "checkpoint/format/error.hpp"
#include "checkpoint/rng.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;

namespace {

ErrorCode code_of(const at::Tensor& state) {
  try {
    set_rng_state(state);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::key;
}

}  // namespace

TEST_CASE("numbers come again after their state is set", "[rng]") {
  at::manual_seed(3);
  static_cast<void>(at::randn({5}));
  const auto state = rng_state();
  const auto first = at::randn({7});

  set_rng_state(state);

  CHECK(at::equal(at::randn({7}), first));
  CHECK(state.scalar_type() == at::kByte);
}

TEST_CASE("a generator of one's own has a state too", "[rng]") {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(5);
  const auto state = rng_state(generator);
  const auto first = at::rand({3}, generator);

  set_rng_state(generator, state);

  CHECK(at::equal(at::rand({3}, generator), first));
}

TEST_CASE("what is no state is refused, and the generator goes on", "[rng]") {
  at::manual_seed(3);
  const auto state = rng_state();
  const auto next = at::rand({3});
  set_rng_state(state);

  CHECK(code_of({}) == ErrorCode::mismatch);
  CHECK(code_of(at::zeros({5056})) == ErrorCode::mismatch);
  CHECK(code_of(at::zeros({5}, at::kByte)) == ErrorCode::mismatch);
  CHECK(code_of(at::zeros_like(state)) == ErrorCode::mismatch);
  CHECK(at::equal(at::rand({3}), next));
}

TEST_CASE("the state of a device that is not there is refused", "[rng]") {
  CHECK_THROWS_AS(rng_state(c10::Device(c10::kCUDA, 63)), Error);
}
