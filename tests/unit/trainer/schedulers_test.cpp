#include "trainer/schedulers.hpp"

#include <torch/optim/sgd.h>

#include <ATen/ops/zeros.h>
#include <array>

#include "checkpoint/format/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/trainer/schedules_golden.hpp"

namespace {

torch::optim::SGD optimizer() {
  return torch::optim::SGD(std::vector<at::Tensor>{at::zeros({1})}, torch::optim::SGDOptions(0.1));
}

template <class Schedule, std::size_t N, class... Args>
void check_rates(const std::array<double, N>& expected, Args... args) {
  torch::optim::SGD sgd = optimizer();
  Schedule schedule(sgd, args...);
  for (std::size_t i = 0; i < N; ++i) {
    CAPTURE(i);
    CHECK(sgd.param_groups()[0].options().get_lr() == expected[i]);
    schedule.step();
  }
}

}  // namespace

TEST_CASE("StepLR has torch's rates", "[schedulers]") {
  check_rates<cairn::StepLR>(golden::step, cairn::StepLROptions{.step_size = 3, .gamma = 0.3});
}
TEST_CASE("ExponentialLR has torch's rates", "[schedulers]") {
  check_rates<cairn::ExponentialLR>(golden::exponential, cairn::ExponentialLROptions{.gamma = 0.9});
}
TEST_CASE("CosineAnnealingLR has torch's rates, past its minimum too", "[schedulers]") {
  check_rates<cairn::CosineAnnealingLR>(
      golden::cosine, cairn::CosineAnnealingLROptions{.T_max = 5, .eta_min = 0.01});
}
TEST_CASE("LinearLR has torch's rates", "[schedulers]") {
  check_rates<cairn::LinearLR>(
      golden::linear,
      cairn::LinearLROptions{.start_factor = 0.25, .end_factor = 1.0, .total_iters = 4});
}
TEST_CASE("LambdaLR has torch's rates", "[schedulers]") {
  check_rates<cairn::LambdaLR>(
      golden::lambda_, [](std::int64_t step) { return 1.0 / (1.0 + static_cast<double>(step)); });
}

TEST_CASE("a schedule goes on from its state", "[schedulers]") {
  torch::optim::SGD first = optimizer();
  cairn::CosineAnnealingLR before(first, {.T_max = 5, .eta_min = 0.01});
  for (int i = 0; i < 4; ++i) before.step();

  torch::optim::SGD second = optimizer();
  cairn::CosineAnnealingLR after(second, {});
  after.load_state_dict(before.state_dict());
  second.param_groups()[0].options().set_lr(first.param_groups()[0].options().get_lr());
  after.step();

  CHECK(second.param_groups()[0].options().get_lr() == golden::cosine[5]);
}

TEST_CASE("a state for other parameter groups is refused", "[schedulers]") {
  torch::optim::SGD sgd = optimizer();
  cairn::StepLR schedule(sgd, {});
  cairn::checkpoint::Value state = schedule.state_dict();
  state["base_lrs"] = std::vector<double>{0.1, 0.2};

  CHECK_THROWS_AS(schedule.load_state_dict(state), cairn::checkpoint::Error);
}
