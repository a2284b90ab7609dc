#include "trainer/state/rng.hpp"

#include <string>

#include "checkpoint/rng.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::detail {

checkpoint::Value rng_state(c10::Device device) {
  checkpoint::Dict state{{"cpu", checkpoint::rng_state()}};
  if (!device.is_cpu())
    state[checkpoint::Value(c10::DeviceTypeName(device.type(), true))] =
        checkpoint::Value(checkpoint::rng_state(device));
  return state;
}

void set_rng_state(const checkpoint::Value& state, c10::Device device) {
  if (state.contains("cpu")) checkpoint::set_rng_state(state.at("cpu").as<at::Tensor>());
  const std::string name = c10::DeviceTypeName(device.type(), true);
  if (!device.is_cpu() && state.contains(name))
    checkpoint::set_rng_state(state.at(name).as<at::Tensor>(), device);
}

IsolateRng::~IsolateRng() {
  set_rng_state(state_, device_);
}

}  // namespace cairn::detail
