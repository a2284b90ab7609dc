// How LibTorch's SGD, Adam and AdamW stand in Python's state_dict: one set of functions per
// optimizer.
#pragma once

#include <memory>
#include <string>

#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include "checkpoint/format/value.hpp"
#include "checkpoint/state/storage_map.hpp"

namespace cairn::checkpoint {

/// A dict of the file and where it stands, for messages: "param_groups[0]", "state[3]".
struct Entry {
  const Value& value;
  std::string where{};
};

// write: every key that Python's optimizer has, in its order, but "params". read: keys that are
// absent keep the present value; what LibTorch can't do as the file says is Error(unsupported).
void write_group(const torch::optim::SGDOptions& options, Dict& group);
void write_group(const torch::optim::AdamOptions& options, Dict& group);
void write_group(const torch::optim::AdamWOptions& options, Dict& group);
void read_group(const Entry& group, torch::optim::SGDOptions& options);
void read_group(const Entry& group, torch::optim::AdamOptions& options);
void read_group(const Entry& group, torch::optim::AdamWOptions& options);

Value write_state(const torch::optim::SGDParamState& state, StorageMap& storages);
Value write_state(const torch::optim::AdamParamState& state, StorageMap& storages);
Value write_state(const torch::optim::AdamWParamState& state, StorageMap& storages);

/// nullptr if there is nothing to keep. Tensors are copies, of the parameter's type and on its
/// device. Throws Error(mismatch) for other shapes and for a state that the group's options can't
/// go on with.
std::unique_ptr<torch::optim::OptimizerParamState> read_state(
    const Entry& state, const at::Tensor& parameter, const torch::optim::SGDOptions& options);
std::unique_ptr<torch::optim::OptimizerParamState> read_state(
    const Entry& state, const at::Tensor& parameter, const torch::optim::AdamOptions& options);
std::unique_ptr<torch::optim::OptimizerParamState> read_state(
    const Entry& state, const at::Tensor& parameter, const torch::optim::AdamWOptions& options);

}  // namespace cairn::checkpoint
