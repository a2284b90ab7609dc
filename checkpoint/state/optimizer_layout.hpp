// How LibTorch's optimizers stand in Python's state_dict: one set of functions per optimizer.
#pragma once

#include <memory>

#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include "checkpoint/format/value.hpp"
#include "checkpoint/state/optimizer_fields.hpp"
#include "checkpoint/state/storage_map.hpp"

namespace cairn::checkpoint {

// Every key that Python's optimizer has, in its order, but "params".
void write_group(const torch::optim::AdagradOptions& options, Dict& group);
void write_group(const torch::optim::AdamOptions& options, Dict& group);
void write_group(const torch::optim::AdamWOptions& options, Dict& group);
void write_group(const torch::optim::LBFGSOptions& options, Dict& group);
void write_group(const torch::optim::RMSpropOptions& options, Dict& group);
void write_group(const torch::optim::SGDOptions& options, Dict& group);

// Keys that are absent keep the present value; what LibTorch can't do as the file says is
// Error(unsupported).
void read_group(const Entry& group, torch::optim::AdagradOptions& options);
void read_group(const Entry& group, torch::optim::AdamOptions& options);
void read_group(const Entry& group, torch::optim::AdamWOptions& options);
void read_group(const Entry& group, torch::optim::LBFGSOptions& options);
void read_group(const Entry& group, torch::optim::RMSpropOptions& options);
void read_group(const Entry& group, torch::optim::SGDOptions& options);

Value write_state(const torch::optim::AdagradParamState& state, StorageMap& storages);
Value write_state(const torch::optim::AdamParamState& state, StorageMap& storages);
Value write_state(const torch::optim::AdamWParamState& state, StorageMap& storages);
Value write_state(const torch::optim::LBFGSParamState& state, StorageMap& storages);
Value write_state(const torch::optim::RMSpropParamState& state, StorageMap& storages);
Value write_state(const torch::optim::SGDParamState& state, StorageMap& storages);

// nullptr if there is nothing to keep. Tensors are copies, of the parameter's type and on its
// device. Throws Error(mismatch) for other shapes and for a state that the group's options can't
// go on with.
using ReadState = std::unique_ptr<torch::optim::OptimizerParamState>;
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::AdagradOptions& options);
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::AdamOptions& options);
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::AdamWOptions& options);
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::LBFGSOptions& options);
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::RMSpropOptions& options);
ReadState read_state(const Entry& state, const Owner& owner,
                     const torch::optim::SGDOptions& options);

}  // namespace cairn::checkpoint
