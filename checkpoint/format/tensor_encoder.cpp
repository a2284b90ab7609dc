#include "checkpoint/format/tensor_encoder.hpp"

#include <string>

#include "checkpoint/format/storage_bytes.hpp"
#include "checkpoint/format/storage_words.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

bool is_untyped(const StoredTensor& tensor) {
  return storage_name(tensor.dtype).empty();
}

}  // namespace

void TensorEncoder::new_ordered_dict() {
  memo_->global("collections", "OrderedDict");
  writer_->op(Op::empty_tuple);
  writer_->op(Op::reduce);
}

// torch.nn.Parameter.__reduce_ex__: _rebuild_parameter(data, requires_grad, hooks). Its data are a
// tensor of their own.
void TensorEncoder::tensor(const StoredTensor& tensor) {
  if (!tensor.parameter) return strided(tensor, tensor.requires_grad);
  memo_->global("torch._utils", "_rebuild_parameter");
  parameter_data(tensor);
  writer_->boolean(tensor.requires_grad);
  new_ordered_dict();
  memo_->put();
  writer_->tuple(3);
  memo_->put();
  writer_->op(Op::reduce);
}

void TensorEncoder::parameter_data(const StoredTensor& tensor) {
  strided(tensor, false);
  memo_->put();
}

void TensorEncoder::arguments(const StoredTensor& tensor) {
  view(tensor, tensor.requires_grad);
}

void TensorEncoder::function(const StoredTensor& tensor) {
  memo_->global("torch._utils", is_untyped(tensor) ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
}

// torch.Tensor._reduce_ex_internal: _rebuild_tensor_v2(storage, offset, size, stride,
// requires_grad, hooks[, metadata]); types without a storage class go through _rebuild_tensor_v3,
// with the dtype before the metadata.
void TensorEncoder::strided(const StoredTensor& tensor, bool requires_grad) {
  function(tensor);
  view(tensor, requires_grad);
  writer_->op(Op::reduce);
}

void TensorEncoder::view(const StoredTensor& tensor, bool requires_grad) {
  check_tensor(tensor);
  const bool untyped = is_untyped(tensor);
  writer_->op(Op::mark);
  storage(tensor.storage, tensor.dtype, untyped);
  writer_->integer(tensor.offset);
  integers(tensor.sizes);
  integers(tensor.strides);
  writer_->boolean(requires_grad);
  new_ordered_dict();
  memo_->put();
  if (untyped) memo_->global("torch", name(tensor.dtype));
  math_bits(tensor);
  writer_->op(Op::tuple);
  memo_->put();
}

void TensorEncoder::storage(const std::shared_ptr<Storage>& storage, DType dtype, bool untyped) {
  check_storage(*storage, dtype);
  Slot& slot = slot_of(storage, dtype);
  const StorageWords* words = storage->words.get();
  writer_->op(Op::mark);
  words != nullptr ? memo_->text(words->storage) : memo_->text(std::string_view("storage"));
  untyped ? memo_->global("torch.storage", "UntypedStorage")
          : memo_->global("torch", storage_name(dtype));
  key(slot);
  const bool same_place = words != nullptr && words->location.as_string() == storage->location;
  same_place ? memo_->text(words->location) : memo_->text(std::string_view(storage->location));
  writer_->integer(
      static_cast<std::int64_t>(untyped ? storage->nbytes : storage->nbytes / item_size(dtype)));
  writer_->op(Op::tuple);
  memo_->put();
  writer_->op(Op::binpersid);
}

void TensorEncoder::key(Slot& slot) {
  if (slot.key_written) return writer_->get(slot.key_number);
  writer_->text(std::to_string(slot.index));
  slot.key_number = writer_->put();
  slot.key_written = true;
}

// Memory is one storage, whoever describes it; without memory (empty), the Storage object is.
TensorEncoder::Slot& TensorEncoder::slot_of(const std::shared_ptr<Storage>& storage, DType dtype) {
  const void* address = address_of(*storage);
  const bool memory = address != nullptr && storage->nbytes > 0;
  const std::pair key{memory ? address : storage.get(), memory ? storage->nbytes : 0};
  const auto [found, is_new] =
      slots_.try_emplace(key, Slot{.index = storages_.size(), .dtype = dtype});
  if (is_new) storages_.push_back(storage);
  if (found->second.dtype != dtype) {
    throw Error(ErrorCode::unsupported, "the same memory as " +
                                            std::string(name(found->second.dtype)) + " and as " +
                                            std::string(name(dtype)) + ", which torch can't store");
  }
  return found->second;
}

void TensorEncoder::integers(const std::vector<std::int64_t>& values) {
  if (values.size() > 3) writer_->op(Op::mark);
  for (const std::int64_t value : values) writer_->integer(value);
  writer_->tuple(values.size());
  if (!values.empty()) memo_->put();
}

void TensorEncoder::math_bits(const StoredTensor& tensor) {
  if (!tensor.conjugate && !tensor.negative) return;
  const bool both = tensor.conjugate && tensor.negative;
  writer_->op(Op::empty_dict);
  memo_->put();
  if (both) writer_->op(Op::mark);
  if (tensor.conjugate) memo_->fresh_text("conj");
  if (tensor.conjugate) writer_->boolean(true);
  if (tensor.negative) memo_->fresh_text("neg");
  if (tensor.negative) writer_->boolean(true);
  writer_->op(both ? Op::setitems : Op::setitem);
}

}  // namespace cairn::checkpoint::format
