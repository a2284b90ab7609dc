#include "checkpoint/tensor.hpp"

#include <any>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <ATen/Functions.h>
#include <c10/core/Storage.h>
#include <c10/core/TensorImpl.h>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/state/accelerator_memory.hpp"
#include "checkpoint/state/composite.hpp"
#include "checkpoint/state/storage_map.hpp"

namespace cairn::checkpoint {
namespace {

using c10::ScalarType;

constexpr bool same(DType dtype, ScalarType type) {
  return static_cast<int>(dtype) == static_cast<int>(type);
}
static_assert(same(DType::uint8, ScalarType::Byte) && same(DType::int8, ScalarType::Char));
static_assert(same(DType::int16, ScalarType::Short) && same(DType::int32, ScalarType::Int));
static_assert(same(DType::int64, ScalarType::Long) && same(DType::float16, ScalarType::Half));
static_assert(same(DType::float32, ScalarType::Float) && same(DType::float64, ScalarType::Double));
static_assert(same(DType::complex32, ScalarType::ComplexHalf));
static_assert(same(DType::complex64, ScalarType::ComplexFloat));
static_assert(same(DType::complex128, ScalarType::ComplexDouble));
static_assert(same(DType::boolean, ScalarType::Bool));
static_assert(same(DType::qint8, ScalarType::QInt8) && same(DType::quint8, ScalarType::QUInt8));
static_assert(same(DType::qint32, ScalarType::QInt32));
static_assert(same(DType::bfloat16, ScalarType::BFloat16));
static_assert(same(DType::quint4x2, ScalarType::QUInt4x2));
static_assert(same(DType::quint2x4, ScalarType::QUInt2x4));
static_assert(same(DType::bits1x8, ScalarType::Bits1x8) && same(DType::bits16, ScalarType::Bits16));
static_assert(same(DType::float8_e5m2, ScalarType::Float8_e5m2));
static_assert(same(DType::float8_e4m3fn, ScalarType::Float8_e4m3fn));
static_assert(same(DType::float8_e5m2fnuz, ScalarType::Float8_e5m2fnuz));
static_assert(same(DType::float8_e4m3fnuz, ScalarType::Float8_e4m3fnuz));
static_assert(same(DType::uint16, ScalarType::UInt16) && same(DType::uint32, ScalarType::UInt32));
static_assert(same(DType::uint64, ScalarType::UInt64));

// Types that came after LibTorch 2.4: checked where this LibTorch has them.
template <class T>
constexpr bool same_newer_types() {
  bool result = true;
  if constexpr (requires { T::Float8_e8m0fnu; }) {
    result = result && same(DType::float8_e8m0fnu, T::Float8_e8m0fnu);
  }
  if constexpr (requires { T::Float4_e2m1fn_x2; }) {
    result = result && same(DType::float4_e2m1fn_x2, T::Float4_e2m1fn_x2);
  }
  return result;
}
static_assert(same_newer_types<ScalarType>());

[[noreturn]] void unsupported(const std::string& what) {
  throw Error(ErrorCode::unsupported, "a checkpoint can't hold " + what);
}

DType dtype_of(const at::Tensor& tensor) {
  const auto type = tensor.scalar_type();
  if (c10::isQIntType(type)) unsupported("quantized tensors: dequantize() them first");
  if (type < ScalarType::UInt1) return static_cast<DType>(type);
  const auto dtype = static_cast<DType>(type);
  switch (dtype) {
    case DType::float8_e8m0fnu:
    case DType::float4_e2m1fn_x2:
    case DType::bcomplex32:
      return dtype;
    default:
      unsupported(std::string("a tensor of type ") + c10::toString(type));
  }
}

ScalarType scalar_type_of(DType dtype) {
  const auto type = static_cast<ScalarType>(dtype);
  if (c10::isQIntType(type)) unsupported("quantized tensors that LibTorch could rebuild");
  if (static_cast<int>(type) >= static_cast<int>(ScalarType::NumOptions)) {
    throw Error(ErrorCode::unsupported,
                "this LibTorch has no type " + std::string(name(dtype)) + ": use a newer one");
  }
  return type;
}

std::shared_ptr<Storage> stored_storage(const c10::Storage& source, DType dtype) {
  auto stored = std::make_shared<Storage>();
  stored->dtype = dtype;
  stored->nbytes = source.nbytes();
  if (!source.device().is_cpu()) {
    stored->device = accelerator_memory(source);
    return stored;
  }
  // data(), not mutable_data(): a copy-on-write storage stays shared; nobody writes through `data`
  // while saving.
  stored->data = static_cast<std::byte*>(const_cast<void*>(source.data()));
  stored->owner = source;
  return stored;
}

void check_storable(const at::Tensor& tensor) {
  if (!tensor.defined()) unsupported("an undefined tensor");
  if (tensor.layout() != at::kStrided) {
    unsupported(std::string("a tensor of layout ") + c10::str(tensor.layout()) +
                ": make it dense first");
  }
  if (tensor.is_meta()) unsupported("a tensor of device meta: it has no data");
  if (!tensor.has_storage()) unsupported("a tensor without a storage");
}

StoredTensor describe(const at::Tensor& tensor, std::shared_ptr<Storage> storage) {
  return {.storage = std::move(storage),
          .dtype = dtype_of(tensor),
          .offset = tensor.storage_offset(),
          .sizes = tensor.sizes().vec(),
          .strides = tensor.strides().vec(),
          .requires_grad = tensor.requires_grad(),
          .conjugate = tensor.is_conj(),
          .negative = tensor.is_neg()};
}

// torch's zero tensors have sizes but no memory.
at::Tensor with_memory(const at::Tensor& tensor) {
  return tensor._is_zerotensor() ? at::zeros(tensor.sizes(), tensor.options()) : tensor;
}

// Itself, or a copy of what is a device's.
std::shared_ptr<Storage> on_cpu(const std::shared_ptr<Storage>& storage) {
  const StoredTensor bytes{.storage = storage,
                           .dtype = DType::uint8,
                           .sizes = {static_cast<std::int64_t>(storage->nbytes)},
                           .strides = {1}};
  return bytes.contiguous().storage;
}

constinit std::mutex adoption_mutex;  // guards Storage::owner while it is replaced

// The c10::Storage of a Storage. Memory of another owner is wrapped once, so that all tensors on it
// share.
c10::Storage torch_storage(const std::shared_ptr<Storage>& storage) {
  const std::lock_guard lock(adoption_mutex);
  if (const auto* ready = std::any_cast<c10::Storage>(&storage->owner)) return *ready;
  Storage memory = *on_cpu(storage);
  if (memory.data == nullptr && memory.nbytes != 0) {
    throw Error(ErrorCode::type,
                "the tensor has no data: the file was read with load_tensors = false");
  }
  auto keep = std::make_unique<std::any>(std::move(memory.owner));
  c10::DataPtr data(
      memory.data, keep.get(), [](void* owner) { delete static_cast<std::any*>(owner); },
      c10::Device(c10::kCPU));
  static_cast<void>(keep.release());
  c10::Storage adopted(c10::Storage::use_byte_size_t(), static_cast<std::size_t>(storage->nbytes),
                       std::move(data));
  storage->owner = adopted;
  return adopted;
}

// Element counts come from files: every step is checked, so that no view reaches beyond its
// storage.
bool fits(const StoredTensor& tensor, std::size_t element) {
  if (tensor.sizes.size() != tensor.strides.size() || tensor.offset < 0) return false;
  std::int64_t last = tensor.offset;
  bool empty = false;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    const auto size = tensor.sizes[i];
    std::int64_t reach = 0;
    if (size < 0 || tensor.strides[i] < 0) return false;
    if (size == 0) empty = true;
    if (size == 0) continue;
    if (__builtin_mul_overflow(size - 1, tensor.strides[i], &reach)) return false;
    if (__builtin_add_overflow(last, reach, &last)) return false;
  }
  if (empty) return true;
  std::uint64_t end = 0;
  return !__builtin_mul_overflow(static_cast<std::uint64_t>(last) + 1, element, &end) &&
         end <= tensor.storage->nbytes;
}

}  // namespace

StoredTensor to_stored(const at::Tensor& tensor) {
  check_storable(tensor);
  const auto source = with_memory(tensor);
  return describe(source, stored_storage(source.storage(), dtype_of(source)));
}

StoredTensor StorageMap::to_stored(const at::Tensor& tensor) {
  check_storable(tensor);
  const auto source = with_memory(tensor);
  auto& entry = entries_[source.storage().unsafeGetStorageImpl()];
  if (!entry.stored) {
    entry.source = source.storage();
    entry.stored = stored_storage(source.storage(), dtype_of(source));
  }
  return describe(source, entry.stored);
}

at::Tensor to_tensor(const StoredTensor& stored) {
  const auto type = scalar_type_of(stored.dtype);
  if (!stored.storage) throw Error(ErrorCode::type, "the tensor has no storage");
  if (!fits(stored, c10::elementSize(type))) {
    throw Error(ErrorCode::corrupt, "a tensor reaches beyond its storage of " +
                                        std::to_string(stored.storage->nbytes) + " bytes");
  }
  const bool complex = c10::isComplexType(type);
  if (stored.conjugate && !complex) {
    throw Error(ErrorCode::corrupt, "a tensor of real numbers is marked as conjugate");
  }
  auto tensor = at::detail::make_tensor<c10::TensorImpl>(torch_storage(stored.storage),
                                                         c10::DispatchKeySet(c10::DispatchKey::CPU),
                                                         c10::scalarTypeToTypeMeta(type));
  auto* impl = tensor.unsafeGetTensorImpl();
  impl->set_sizes_and_strides(stored.sizes, stored.strides, stored.offset);
  impl->_set_conj(stored.conjugate);
  impl->_set_neg(stored.negative);
  if (stored.requires_grad && (complex || c10::isFloatingType(type)))
    tensor.set_requires_grad(true);
  return tensor;
}

Value ValueTraits<at::Tensor>::to_value(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  if (is_composite(tensor)) return composite_value(tensor);
  return to_stored(tensor);
}

at::Tensor ValueTraits<at::Tensor>::from_value(const Value& value) {
  if (value.is_none()) return {};
  if (const StoredTensor* tensor = find_tensor(value)) return to_tensor(*tensor);
  if (value.kind() == Kind::opaque) return composite_tensor(value.as_opaque());
  return to_tensor(value.as_tensor());
}

}  // namespace cairn::checkpoint
