#include "checkpoint/state/kept_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

// What only Python's optimizers have: what LibTorch's write for them is no more than the default.
bool is_of_python(const Value& key) {
  constexpr std::array<std::string_view, 6> names{
      "foreach", "maximize", "capturable", "differentiable", "fused", "decoupled_weight_decay"};
  return key.kind() == Kind::string &&
         std::find(names.begin(), names.end(), key.as_string()) != names.end();
}

bool is_number(const Value& value) {
  return value.kind() == Kind::integer || value.kind() == Kind::real;
}

bool is_sequence(const Value& value) {
  return value.kind() == Kind::list || value.kind() == Kind::tuple;
}

bool says_the_same(const Value& kept, const Value& own) {
  if (is_number(kept) && is_number(own)) return kept.as_double() == own.as_double();
  if (const StoredTensor* tensor = find_tensor(kept);
      tensor != nullptr && is_number(own) && tensor->numel() == 1) {
    return to_tensor(*tensor).to(at::kDouble).item<double>() == own.as_double();
  }
  if (is_sequence(kept) && is_sequence(own)) {
    const auto left = kept.as_sequence();
    const auto right = own.as_sequence();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), says_the_same);
  }
  return equal(kept, own);
}

}  // namespace

Dict merge_fields(const Dict& own, const Dict& kept) {
  Dict merged;
  for (const auto& [key, value] : kept.items()) {
    const auto* now = own.find(key);
    const bool holds = now == nullptr || is_of_python(key) || says_the_same(value, *now);
    merged[key] = holds ? value : *now;
  }
  for (const auto& [key, value] : own.items()) {
    if (!merged.contains(key)) merged[key] = value;
  }
  return merged;
}

}  // namespace cairn::checkpoint
