// The states of torch's random generators.
#pragma once

#include <c10/core/Device.h>

#include "checkpoint/format/value.hpp"

namespace cairn::detail {

/// {"cpu": uint8 tensor as torch.get_rng_state(), and the device's under its type}.
[[nodiscard]] checkpoint::Value rng_state(c10::Device device);
/// What the state has no entry for stays as it is.
void set_rng_state(const checkpoint::Value& state, c10::Device device);

/// Puts the generators back as they were, whatever happens in between.
class IsolateRng {
 public:
  explicit IsolateRng(c10::Device device) : device_(device), state_(rng_state(device)) {}
  ~IsolateRng();
  IsolateRng(const IsolateRng&) = delete;
  IsolateRng& operator=(const IsolateRng&) = delete;

 private:
  c10::Device device_;
  checkpoint::Value state_;
};

}  // namespace cairn::detail
