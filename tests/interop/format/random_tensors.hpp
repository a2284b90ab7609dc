// The dice of the random values, and their tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace interop {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint64_t number() { return engine_(); }
  /// 0 to bound - 1. Needs bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class Items>
  [[nodiscard]] auto pick(const Items& items) {
    return items[static_cast<std::size_t>(below(items.size()))];
  }
  [[nodiscard]] std::string bytes(std::size_t size);

 private:
  std::mt19937_64 engine_;
};

/// All that torch can store, those of quantized tensors too.
[[nodiscard]] const std::vector<cairn::checkpoint::DType>& dtypes();

/// Tensors on a few storages that they share.
class TensorMaker {
 public:
  explicit TensorMaker(Dice& dice) : dice_(&dice) {}
  [[nodiscard]] cairn::checkpoint::Value tensor();

 private:
  std::shared_ptr<cairn::checkpoint::Storage> storage();
  void shape(cairn::checkpoint::StoredTensor& tensor, std::int64_t elements);
  void mark(cairn::checkpoint::StoredTensor& tensor);

  Dice* dice_;
  std::vector<std::shared_ptr<cairn::checkpoint::Storage>> storages_;
};

}  // namespace interop
