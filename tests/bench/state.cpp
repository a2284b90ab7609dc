#include "tests/bench/state.hpp"

#include <ATen/Functions.h>

#include <string>

#include "checkpoint/tensor.hpp"
#include "tests/bench/measure.hpp"

namespace cairn::bench {

checkpoint::Value make_state(std::uint64_t mebibytes) {
  checkpoint::Dict state = checkpoint::Dict::ordered();
  for (std::uint64_t at = 0; at < mebibytes; at += kTensorMebibytes) {
    at::Tensor tensor = at::empty({kTensorMebibytes * 1024, 256}, at::kFloat);
    fill_random({static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()}, at);
    state["layer" + std::to_string(at / kTensorMebibytes) + ".weight"] = tensor;
  }
  return checkpoint::Dict{{"state_dict", state}, {"step", 1}};
}

}  // namespace cairn::bench
