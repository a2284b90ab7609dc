// Batches: {data, target}, tensors, containers of them, or any movable type with a to_device(batch,
// device) of its own.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace cairn {

/// What most supervised training needs.
struct Batch {
  at::Tensor data{};
  at::Tensor target{};
};

// Declared first so that they find each other; for a type of yours, write to_device in its
// namespace.
[[nodiscard]] inline at::Tensor to_device(const at::Tensor& tensor, c10::Device device);
[[nodiscard]] inline Batch to_device(const Batch& batch, c10::Device device);
template <class A, class B>
[[nodiscard]] std::pair<A, B> to_device(const std::pair<A, B>& batch, c10::Device device);
template <class... T>
[[nodiscard]] std::tuple<T...> to_device(const std::tuple<T...>& batch, c10::Device device);
template <class T>
[[nodiscard]] std::vector<T> to_device(const std::vector<T>& batch, c10::Device device);
template <class T>
[[nodiscard]] std::map<std::string, T> to_device(const std::map<std::string, T>& batch,
                                                 c10::Device device);

at::Tensor to_device(const at::Tensor& tensor, c10::Device device) {
  // Asynchronous from pinned memory; ATen waits where it must.
  return tensor.defined() && tensor.device() != device ? tensor.to(device, /*non_blocking=*/true)
                                                       : tensor;
}
Batch to_device(const Batch& batch, c10::Device device) {
  return {to_device(batch.data, device), to_device(batch.target, device)};
}
template <class A, class B>
std::pair<A, B> to_device(const std::pair<A, B>& batch, c10::Device device) {
  return {to_device(batch.first, device), to_device(batch.second, device)};
}
template <class... T>
std::tuple<T...> to_device(const std::tuple<T...>& batch, c10::Device device) {
  return std::apply(
      [&](const auto&... items) { return std::tuple<T...>{to_device(items, device)...}; }, batch);
}
template <class T>
std::vector<T> to_device(const std::vector<T>& batch, c10::Device device) {
  std::vector<T> moved;
  moved.reserve(batch.size());
  for (const T& item : batch) moved.push_back(to_device(item, device));
  return moved;
}
template <class T>
std::map<std::string, T> to_device(const std::map<std::string, T>& batch, c10::Device device) {
  std::map<std::string, T> moved;
  for (const auto& [name, item] : batch) moved.emplace(name, to_device(item, device));
  return moved;
}

template <class B>
concept BatchType = std::movable<B> && requires(const B& batch, c10::Device device) {
  { to_device(batch, device) } -> std::convertible_to<B>;
};

/// Samples in a batch, the weight of its metrics in an epoch's mean: the first dimension of its
/// first tensor, else 1. For a type of yours, write batch_size in its namespace.
template <class T>
[[nodiscard]] std::int64_t batch_size(const T& batch) {
  if constexpr (std::same_as<T, at::Tensor>) {
    return batch.defined() && batch.dim() > 0 ? batch.size(0) : 1;
  } else if constexpr (std::same_as<T, Batch>) {
    return batch_size(batch.data);
  } else if constexpr (requires { batch.begin()->second; }) {
    return batch.empty() ? 1 : batch_size(batch.begin()->second);
  } else if constexpr (requires {
                         batch.front();
                         batch.size();
                       }) {
    return batch.empty() ? 1 : batch_size(batch.front());
  } else if constexpr (requires { std::get<0>(batch); }) {
    return batch_size(std::get<0>(batch));
  } else {
    return 1;
  }
}

}  // namespace cairn
