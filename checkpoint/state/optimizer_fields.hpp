// Fields of Python's optimizer dicts, read with checks: every message names the field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// A dict of the file and where it stands, for messages: "param_groups[0]", "state[3]".
struct Entry {
  const Value& value;
  std::string where{};
};

/// What a state belongs to: one parameter among those of its group.
struct Owner {
  const std::vector<at::Tensor>& group;
  std::size_t index{0};
  [[nodiscard]] const at::Tensor& parameter() const { return group[index]; }
};

[[noreturn]] void fail(ErrorCode code, const Entry& entry, std::string_view key,
                       const std::string& cause);

/// nullptr if it is absent.
const Value* find(const Entry& entry, std::string_view key);
/// Error(mismatch) if it is absent.
const Value& need(const Entry& entry, std::string_view key);
/// Of a number or a tensor of one element, which Python takes for the same: lr, betas, step.
double number(const Entry& entry, std::string_view key, const Value& value);

// A field that is absent stays as it is.
void read(const Entry& entry, std::string_view key, double& field);
void read(const Entry& entry, std::string_view key, bool& field);
void read(const Entry& entry, std::string_view key, std::int64_t& field);
void read(const Entry& entry, std::string_view key, std::tuple<double, double>& field);
void read(const Entry& entry, std::string_view key, std::optional<std::int64_t>& field);
void read(const Entry& entry, std::string_view key, std::optional<std::string>& field);

/// For a switch that changes what step() does and that LibTorch's optimizer does not have.
void require(const Entry& group, std::string_view key, bool supported);

/// Python counts steps in a 0-dim float32 tensor; in a float64 one where float32 is not exact.
at::Tensor step_tensor(std::int64_t step);
std::int64_t read_step(const Entry& state);

/// A copy of the parameter's shape and type, on its device; undefined if absent or None.
at::Tensor read_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter);
at::Tensor need_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter);
/// The same for any shape. `value` stands at `key`, or in a list there.
at::Tensor read_any_tensor(const Entry& state, std::string_view key, const Value& value,
                           const at::Tensor& parameter);

}  // namespace cairn::checkpoint
