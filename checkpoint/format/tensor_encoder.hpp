// Tensors and storages as pickle: the calls that torch.Tensor.__reduce_ex__ describes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "checkpoint/format/pickle_memo.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

class TensorEncoder {
 public:
  TensorEncoder(PickleWriter& writer, PickleMemo& memo) : writer_(&writer), memo_(&memo) {}

  /// Throws Error for tensors without data or outside their storage, and for memory used as two
  /// types.
  void tensor(const StoredTensor& tensor);
  /// The tensor that torch.save writes inside of a parameter. Throws as tensor() does.
  void parameter_data(const StoredTensor& tensor);
  /// The function that makes the tensor, and what it is called with. The latter throws as tensor()
  /// does.
  void function(const StoredTensor& tensor);
  void arguments(const StoredTensor& tensor);
  /// A persistent id: ('storage', torch.FloatStorage, key, location, numel).
  void storage(const std::shared_ptr<Storage>& storage, DType dtype, bool untyped);
  /// collections.OrderedDict(), not yet remembered.
  void new_ordered_dict();

  [[nodiscard]] std::vector<std::shared_ptr<const Storage>> storages() && {
    return std::move(storages_);
  }

 private:
  struct Slot {
    std::size_t index{0};
    DType dtype{DType::uint8};
    std::uint32_t key_number{0};
    bool key_written{false};
  };

  void strided(const StoredTensor& tensor, bool requires_grad);
  void view(const StoredTensor& tensor, bool requires_grad);
  void integers(const std::vector<std::int64_t>& values);
  void math_bits(const StoredTensor& tensor);
  void key(Slot& slot);
  [[nodiscard]] Slot& slot_of(const std::shared_ptr<Storage>& storage, DType dtype);

  PickleWriter* writer_;
  PickleMemo* memo_;
  std::vector<std::shared_ptr<const Storage>> storages_;
  std::map<std::pair<const void*, std::uint64_t>, Slot> slots_;
};

}  // namespace cairn::checkpoint::format
