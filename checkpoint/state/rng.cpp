#include "checkpoint/rng.hpp"

#include <mutex>
#include <string>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include "checkpoint/format/error.hpp"

namespace cairn::checkpoint {
namespace {

at::Generator default_generator(c10::Device device) {
  if (device.is_cpu()) return at::detail::getDefaultCPUGenerator();
  try {
    return at::globalContext().defaultGenerator(device);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::unsupported,
                "rng state of " + device.str() + ": " + error.what_without_backtrace());
  }
}

}  // namespace

at::Tensor rng_state(const at::Generator& generator) {
  auto own = generator;  // a handle
  const std::lock_guard lock(own.mutex());
  return own.get_state();
}

at::Tensor rng_state(c10::Device device) {
  return rng_state(default_generator(device));
}

void set_rng_state(at::Generator generator, const at::Tensor& state) {
  if (!state.defined() || state.scalar_type() != at::kByte || state.dim() != 1) {
    throw Error(ErrorCode::mismatch, "rng state: must be a uint8 tensor of one dimension");
  }
  const auto bytes = state.cpu().contiguous();
  const std::lock_guard lock(generator.mutex());
  try {
    generator.set_state(bytes);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::mismatch, std::string("rng state: ") + error.what_without_backtrace());
  }
}

void set_rng_state(const at::Tensor& state, c10::Device device) {
  set_rng_state(default_generator(device), state);
}

}  // namespace cairn::checkpoint
