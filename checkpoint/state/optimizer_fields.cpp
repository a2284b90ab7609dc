#include "checkpoint/state/optimizer_fields.hpp"

#include <cmath>

#include <ATen/Functions.h>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {

void fail(ErrorCode code, const Entry& entry, std::string_view key, const std::string& cause) {
  throw Error(code, "optimizer state: " + entry.where + "[\"" + std::string(key) + "\"] " + cause);
}

const Value* find(const Entry& entry, std::string_view key) {
  return entry.value.contains(key) ? &entry.value.at(key) : nullptr;
}

const Value& need(const Entry& entry, std::string_view key) {
  const auto* value = find(entry, key);
  if (value == nullptr) fail(ErrorCode::mismatch, entry, key, "is missing");
  return *value;
}

double number(const Entry& entry, std::string_view key, const Value& value) {
  if (value.kind() == Kind::integer || value.kind() == Kind::real) return value.as_double();
  if (const StoredTensor* tensor = find_tensor(value); tensor != nullptr && tensor->numel() == 1)
    return to_tensor(*tensor).to(at::kDouble).item<double>();
  fail(ErrorCode::type, entry, key,
       "must be a number, but is a " + std::string(to_string(value.kind())));
}

void read(const Entry& entry, std::string_view key, double& field) {
  if (const auto* value = find(entry, key)) field = number(entry, key, *value);
}

void read(const Entry& entry, std::string_view key, bool& field) {
  const auto* value = find(entry, key);
  if (value == nullptr) return;
  if (value->kind() != Kind::boolean) fail(ErrorCode::type, entry, key, "must be a bool");
  field = value->as_bool();
}

void read(const Entry& entry, std::string_view key, std::int64_t& field) {
  const auto* value = find(entry, key);
  if (value == nullptr) return;
  if (value->kind() != Kind::integer) fail(ErrorCode::type, entry, key, "must be an int");
  field = value->as_int();
}

void read(const Entry& entry, std::string_view key, std::tuple<double, double>& field) {
  const auto* value = find(entry, key);
  if (value == nullptr) return;
  const bool sequence = value->kind() == Kind::tuple || value->kind() == Kind::list;
  if (!sequence || value->as_sequence().size() != 2) {
    fail(ErrorCode::type, entry, key, "must be two numbers");
  }
  field = {number(entry, key, value->at(std::size_t{0})),
           number(entry, key, value->at(std::size_t{1}))};
}

void read(const Entry& entry, std::string_view key, std::optional<std::int64_t>& field) {
  const auto* value = find(entry, key);
  if (value == nullptr) return;
  field.reset();
  if (!value->is_none()) read(entry, key, field.emplace());
}

void read(const Entry& entry, std::string_view key, std::optional<std::string>& field) {
  const auto* value = find(entry, key);
  if (value == nullptr) return;
  field.reset();
  if (value->is_none()) return;
  if (value->kind() != Kind::string) fail(ErrorCode::type, entry, key, "must be a str or None");
  field = value->as_string();
}

void require(const Entry& group, std::string_view key, bool supported) {
  bool value = supported;
  read(group, key, value);
  if (value != supported) {
    fail(ErrorCode::unsupported, group, key,
         std::string("is ") + (value ? "True" : "False") + ", which LibTorch's optimizer can't do");
  }
}

at::Tensor step_tensor(std::int64_t step) {
  constexpr std::int64_t exact = std::int64_t{1} << 24;
  const auto type = step > exact ? at::kDouble : at::kFloat;
  return at::scalar_tensor(static_cast<double>(step), at::TensorOptions().dtype(type));
}

std::int64_t read_step(const Entry& state) {
  const double step = number(state, "step", need(state, "step"));
  if (!(step >= 0 && step < 0x1p53) || step != std::floor(step)) {
    fail(ErrorCode::type, state, "step", "is not a count of steps");
  }
  return static_cast<std::int64_t>(step);
}

at::Tensor read_any_tensor(const Entry& state, std::string_view key, const Value& value,
                           const at::Tensor& parameter) {
  const StoredTensor* stored = find_tensor(value);
  if (stored == nullptr) fail(ErrorCode::type, state, key, "must be a tensor");
  const auto tensor = to_tensor(*stored).detach();
  const bool cast = c10::isFloatingType(parameter.scalar_type());
  return tensor.to(parameter.device(), cast ? parameter.scalar_type() : tensor.scalar_type(),
                   /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor read_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter) {
  const auto* value = find(state, key);
  if (value == nullptr || value->is_none()) return {};
  auto tensor = read_any_tensor(state, key, *value, parameter);
  if (tensor.sizes() != parameter.sizes()) {
    fail(ErrorCode::mismatch, state, key,
         c10::str("has the shape ", tensor.sizes(), ", its parameter ", parameter.sizes()));
  }
  return tensor;
}

at::Tensor need_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter) {
  auto tensor = read_tensor(state, key, parameter);
  if (!tensor.defined()) fail(ErrorCode::mismatch, state, key, "is missing");
  return tensor;
}

}  // namespace cairn::checkpoint
