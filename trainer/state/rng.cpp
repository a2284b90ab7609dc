#include "trainer/state/rng.hpp"

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include "checkpoint/tensor.hpp"

namespace cairn::detail {
namespace {

at::Tensor read(at::Generator generator) {
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

void write(at::Generator generator, const at::Tensor& state) {
  const std::lock_guard lock(generator.mutex());
  generator.set_state(state);
}

}  // namespace

checkpoint::Value rng_state(c10::Device device) {
  checkpoint::Dict state{{"cpu", read(at::detail::getDefaultCPUGenerator())}};
  if (!device.is_cpu())
    state[checkpoint::Value(c10::DeviceTypeName(device.type(), true))] =
        checkpoint::Value(read(at::globalContext().defaultGenerator(device)));
  return state;
}

void set_rng_state(const checkpoint::Value& state, c10::Device device) {
  if (state.contains("cpu"))
    write(at::detail::getDefaultCPUGenerator(), state.at("cpu").as<at::Tensor>());
  const std::string name = c10::DeviceTypeName(device.type(), true);
  if (!device.is_cpu() && state.contains(name))
    write(at::globalContext().defaultGenerator(device), state.at(name).as<at::Tensor>());
}

IsolateRng::~IsolateRng() {
  set_rng_state(state_, device_);
}

}  // namespace cairn::detail
