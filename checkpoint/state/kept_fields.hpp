// Options of a parameter group that also keep what the file said beyond them, so that Python finds
// it again: foreach, fused, initial_lr, param_names, and the keys of optimizers yet to come.
#pragma once

#include <memory>
#include <utility>

#include <torch/optim/optimizer.h>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

class KeptFields {
 public:
  virtual ~KeptFields() = default;
  [[nodiscard]] const Dict& fields() const noexcept { return fields_; }
  void set_fields(Dict fields) { fields_ = std::move(fields); }

 private:
  Dict fields_;
};

/// LibTorch asks for an Options and gets one: it lives and is copied with the group, and there is
/// no table beside the optimizers that could grow old.
template <class Options>
class KeepingOptions final : public Options, public KeptFields {
 public:
  KeepingOptions(const Options& options, Dict fields) : Options(options) {
    set_fields(std::move(fields));
  }
  std::unique_ptr<torch::optim::OptimizerOptions> clone() const override {
    return std::make_unique<KeepingOptions>(*this);
  }
};

/// `own` with the fields of the file: in the file's order, and in its form where that says the same
/// (the int 0 for 0.0, a tensor for a learning rate).
[[nodiscard]] Dict merge_fields(const Dict& own, const Dict& kept);

}  // namespace cairn::checkpoint
