#include "tests/interop/format/random_tensors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace interop {

using namespace cairn::checkpoint;

namespace {

bool is_complex(DType dtype) {
  return dtype == DType::complex32 || dtype == DType::complex64 || dtype == DType::complex128;
}

bool has_gradients(DType dtype) {
  return is_complex(dtype) || dtype == DType::float16 || dtype == DType::bfloat16 ||
         dtype == DType::float32 || dtype == DType::float64;
}

// Rule: a quantized tensor is described by its scales, too, which is not a matter of its type.
bool is_quantized(DType dtype) {
  return name(dtype).starts_with("q");
}

}  // namespace

std::string Dice::bytes(std::size_t size) {
  std::string made(size, '\0');
  for (char& byte : made) byte = static_cast<char>(below(256));
  return made;
}

const std::vector<DType>& dtypes() {
  static const std::vector<DType> all = [] {
    std::vector<DType> known;
    for (int number = 0; number < 64; ++number) {
      const auto dtype = static_cast<DType>(number);
      if (item_size(dtype) != 0) known.push_back(dtype);
    }
    return known;
  }();
  return all;
}

Value TensorMaker::tensor() {
  StoredTensor made{.storage = storage()};
  made.dtype = made.storage->dtype;
  shape(made, static_cast<std::int64_t>(made.storage->nbytes / item_size(made.dtype)));
  mark(made);
  return made;
}

// Rule: torch files a storage under one type, so that all its tensors have that one. Rule: it stays
// on the CPU, because torch.load puts it where it was, and there is no other device.
std::shared_ptr<Storage> TensorMaker::storage() {
  if (!storages_.empty() && dice_->one_in(3)) return dice_->pick(storages_);
  auto made = std::make_shared<Storage>();
  do {
    made->dtype = dice_->pick(dtypes());
  } while (is_quantized(made->dtype));
  const auto elements = dice_->pick(std::array<std::uint64_t, 7>{0, 1, 2, 3, 6, 24, 60});
  made->nbytes = elements * item_size(made->dtype);
  auto memory = std::make_shared<std::string>(dice_->bytes(made->nbytes));
  if (made->dtype == DType::boolean) {
    for (char& byte : *memory) byte = static_cast<char>(byte & 1);
  }
  if (made->nbytes > 0) made->data = reinterpret_cast<std::byte*>(memory->data());
  made->owner = std::move(memory);
  storages_.push_back(made);
  return made;
}

// Any strides that stay within the storage: transposed, overlapping, expanded, with gaps.
void TensorMaker::shape(StoredTensor& tensor, std::int64_t elements) {
  if (dice_->one_in(3)) {
    tensor.sizes = {elements};
    tensor.strides = {1};
    return;
  }
  const auto below = [this](std::int64_t bound) {
    return static_cast<std::int64_t>(dice_->below(static_cast<std::uint64_t>(bound)));
  };
  const bool empty = elements == 0 || dice_->one_in(8);
  tensor.offset = below(elements + (empty ? 1 : 0));
  auto left = elements - 1 - tensor.offset;  // how far the last element may be from the first
  for (auto dimensions = below(5); dimensions > 0; --dimensions) {
    const auto stride = below(7);
    auto size = 1 + below(4);
    while ((size - 1) * stride > std::max<std::int64_t>(left, 0)) --size;
    left -= (size - 1) * stride;
    tensor.sizes.push_back(size);
    tensor.strides.push_back(stride);
  }
  if (!empty) return;
  tensor.sizes.push_back(0);
  tensor.strides.push_back(1);
}

// Rule: gradients and the bits of torch's lazy operations only where torch has them: numbers with a
// sign can be negated, complex ones conjugated. Rule: complex32 has no gradient, because
// torch.load fails on it ("a leaf Variable that requires grad is being used in an in-place
// operation"), whoever saved it.
void TensorMaker::mark(StoredTensor& tensor) {
  const bool gradients = has_gradients(tensor.dtype);
  tensor.requires_grad = gradients && tensor.dtype != DType::complex32 && dice_->one_in(4);
  tensor.parameter = dice_->one_in(5);
  tensor.conjugate = is_complex(tensor.dtype) && dice_->one_in(3);
  tensor.negative = gradients && dice_->one_in(5);
}

}  // namespace interop
