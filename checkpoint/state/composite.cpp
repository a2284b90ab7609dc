#include "checkpoint/state/composite.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/Functions.h>

#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

constexpr std::string_view kUtils = "torch._utils";

struct LayoutName {
  at::Layout layout;
  std::string_view name;
};
constexpr std::array kLayouts{
    LayoutName{at::kSparse, "torch.sparse_coo"},    LayoutName{at::kSparseCsr, "torch.sparse_csr"},
    LayoutName{at::kSparseCsc, "torch.sparse_csc"}, LayoutName{at::kSparseBsr, "torch.sparse_bsr"},
    LayoutName{at::kSparseBsc, "torch.sparse_bsc"},
};

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, what);
}

// ---- to a call

Value name(std::string_view module, std::string_view own) {
  return Opaque::name(std::string(module), std::string(own));
}

Value call(std::string_view module, std::string_view function, Tuple arguments) {
  return Opaque::make(Opaque::Form::call, name(module, function), std::move(arguments));
}

std::vector<Value> values(at::IntArrayRef numbers) {
  return {numbers.begin(), numbers.end()};
}

DType dtype_of(const at::Tensor& tensor) {
  return static_cast<DType>(tensor.scalar_type());
}

// The shape itself: what is inside a sparse or nested tensor has no gradient of its own.
Value inner(const at::Tensor& tensor) {
  return to_stored(tensor.detach());
}

Value sparse_value(const at::Tensor& tensor) {
  for (const auto& [layout, text] : kLayouts) {
    if (layout != tensor.layout()) continue;
    const Value shape = Tuple::shape(values(tensor.sizes()));
    const Value get_layout = call("torch.serialization", "_get_layout", Tuple{text});
    if (layout == at::kSparse) {
      return call(kUtils, "_rebuild_sparse_tensor",
                  Tuple{get_layout, Tuple{inner(tensor._indices()), inner(tensor._values()), shape,
                                          tensor.is_coalesced()}});
    }
    const bool by_rows = layout == at::kSparseCsr || layout == at::kSparseBsr;
    return call(
        kUtils, "_rebuild_sparse_tensor",
        Tuple{get_layout, Tuple{inner(by_rows ? tensor.crow_indices() : tensor.ccol_indices()),
                                inner(by_rows ? tensor.col_indices() : tensor.row_indices()),
                                inner(tensor.values()), shape}});
  }
  throw Error(ErrorCode::unsupported, "a checkpoint can't hold a tensor of layout " +
                                          std::string(c10::str(tensor.layout())));
}

Value quantizer_value(const at::Tensor& tensor) {
  switch (tensor.qscheme()) {
    case at::kPerTensorAffine:
      return Tuple{name("torch", "per_tensor_affine"), tensor.q_scale(), tensor.q_zero_point()};
    case at::kPerChannelAffine:
      return Tuple{name("torch", "per_channel_affine"), inner(tensor.q_per_channel_scales()),
                   inner(tensor.q_per_channel_zero_points()), tensor.q_per_channel_axis()};
    case at::kPerChannelAffineFloatQParams:
      return Tuple{name("torch", "per_channel_affine_float_qparams"),
                   inner(tensor.q_per_channel_scales()), inner(tensor.q_per_channel_zero_points()),
                   tensor.q_per_channel_axis()};
    default:
      throw Error(ErrorCode::unsupported,
                  "a checkpoint can't hold a tensor quantized by " + toString(tensor.qscheme()));
  }
}

Value quantized_value(const at::Tensor& given) {
  const at::Tensor tensor = given.cpu();
  // Its memory, as bytes; the type is the storage's.
  auto storage = std::make_shared<Storage>();
  storage->dtype = dtype_of(tensor);
  storage->nbytes = tensor.storage().nbytes();
  storage->data = static_cast<std::byte*>(const_cast<void*>(tensor.storage().data()));
  storage->owner = tensor.storage();
  return call(kUtils, "_rebuild_qtensor",
              Tuple{Opaque::storage(std::move(storage), false), tensor.storage_offset(),
                    Tuple(values(tensor.sizes())), Tuple(values(tensor.strides())),
                    quantizer_value(tensor), false, Dict::ordered()});
}

Value meta_value(const at::Tensor& tensor) {
  return call(kUtils, "_rebuild_meta_tensor_no_storage",
              Tuple{dtype_of(tensor), Tuple(values(tensor.sizes())),
                    Tuple(values(tensor.strides())), tensor.requires_grad()});
}

Value nested_value(const at::Tensor& tensor) {
  if (tensor.layout() == at::kJagged)
    throw Error(ErrorCode::unsupported, "a checkpoint can't hold a nested tensor of layout jagged");
  return call(kUtils, "_rebuild_nested_tensor",
              Tuple{inner(tensor.values()), inner(tensor._nested_tensor_size()),
                    inner(tensor._nested_tensor_strides()),
                    inner(tensor._nested_tensor_storage_offsets())});
}

// ---- from a call

const Tuple& arguments_of(const Opaque& object, std::size_t count) {
  if (object.arguments().size() != count)
    corrupt(object.full_name() + " has a wrong number of arguments");
  return object.arguments();
}

std::vector<std::int64_t> numbers(const Value& value) {
  std::vector<std::int64_t> result;
  for (const Value& item : value.as_tuple().items()) {
    result.push_back(item.as_int());
    if (result.back() < 0) corrupt("a negative size or stride");
  }
  return result;
}

at::Tensor tensor(const Value& value) {
  return to_tensor(value.as_tensor());
}

// A few bytes can be expanded to 2^62 elements: what is copied, or looked at one by one, must have
// each of them in its storage.
at::Tensor whole_tensor(const Value& value) {
  const at::Tensor made = tensor(value);
  if (static_cast<std::uint64_t>(made.numel()) > made.storage().nbytes() / made.element_size())
    corrupt("a part of a tensor with more elements than its storage has");
  return made;
}

at::Layout layout_of(const Value& value) {
  const Opaque& object = value.as_opaque();
  if (object.is_call_of("torch.serialization", "_get_layout") && object.arguments().size() == 1) {
    const std::string& wanted = object.arguments().at(0).as_string();
    for (const auto& [layout, text] : kLayouts) {
      if (text == wanted) return layout;
    }
  }
  corrupt("a sparse tensor of no layout");
}

// ATen compares indices with the shape where it is told to; LibTorch does so by default only for
// COO.
at::Tensor sparse_tensor(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 2);
  const at::Layout layout = layout_of(arguments.at(0));
  const Tuple& parts = arguments.at(1).as_tuple();
  const bool coo = layout == at::kSparse;
  if (parts.size() != 4 && !(coo && parts.size() == 3)) corrupt("a sparse tensor lacks a part");
  const std::vector<std::int64_t> sizes = numbers(parts.at(coo ? 2 : 3));
  const at::Tensor first = whole_tensor(parts.at(0));
  const at::Tensor second = coo ? tensor(parts.at(1)) : whole_tensor(parts.at(1));
  if (coo) {
    at::_validate_sparse_coo_tensor_args(first, second, sizes);
    auto made = at::_sparse_coo_tensor_unsafe(first, second, sizes, second.options());
    if (parts.size() == 4) made = made._coalesced_(parts.at(3).as_bool());
    return made;
  }
  const at::Tensor third = tensor(parts.at(2));
  at::_validate_sparse_compressed_tensor_args(first, second, third, sizes, layout);
  return at::_sparse_compressed_tensor_unsafe(first, second, third, sizes,
                                              third.options().layout(layout));
}

struct Scheme {
  std::string_view name{};
  const Tuple* parameters{nullptr};
};

Scheme scheme_of(const Value& value) {
  const Tuple& parameters = value.as_tuple();
  if (parameters.size() < 3 || parameters.at(0).kind() != Kind::opaque)
    corrupt("a quantized tensor without its scales");
  const Opaque& scheme = parameters.at(0).as_opaque();
  if (scheme.form() != Opaque::Form::name) corrupt("a quantized tensor without its scales");
  return {.name = scheme.own_name(), .parameters = &parameters};
}

at::Tensor empty_quantized(const Scheme& scheme, const std::vector<std::int64_t>& sizes,
                           at::ScalarType type) {
  const Tuple& parameters = *scheme.parameters;
  const auto options = at::TensorOptions(at::kCPU).dtype(type);
  if (scheme.name == "per_tensor_affine") {
    return at::_empty_affine_quantized(sizes, options, parameters.at(1).as_double(),
                                       parameters.at(2).as_int());
  }
  const bool per_channel =
      scheme.name == "per_channel_affine" || scheme.name == "per_channel_affine_float_qparams";
  if (!per_channel || parameters.size() != 4)
    throw Error(ErrorCode::unsupported, "a tensor quantized by torch." + std::string(scheme.name));
  const at::Tensor scales = whole_tensor(parameters.at(1));
  const at::Tensor zero_points = whole_tensor(parameters.at(2));
  const std::int64_t axis = parameters.at(3).as_int();
  if (axis < 0 || axis >= static_cast<std::int64_t>(sizes.size()) ||
      scales.numel() != sizes[static_cast<std::size_t>(axis)] ||
      zero_points.numel() != scales.numel())
    corrupt("a quantized tensor has not one scale for each channel");
  return at::_empty_per_channel_affine_quantized(sizes, scales, zero_points, axis, options);
}

// The elements are copied: a quantized tensor can't be made on memory that is there.
at::Tensor quantized_tensor(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 7);
  const Opaque& memory = arguments.at(0).as_opaque();
  if (memory.form() != Opaque::Form::storage) corrupt("a quantized tensor without its storage");
  StoredTensor view{.storage = memory.memory(),
                    .dtype = memory.memory()->dtype,
                    .offset = arguments.at(1).as_int(),
                    .sizes = numbers(arguments.at(2)),
                    .strides = numbers(arguments.at(3))};
  // Before anything of that size is made.
  if (static_cast<std::uint64_t>(view.numel()) > view.storage->nbytes)
    corrupt("a quantized tensor with more elements than its storage has");
  const auto type = static_cast<at::ScalarType>(view.dtype);
  at::Tensor made;
  switch (view.dtype) {  // the plain type of the same size carries the bits over
    case DType::qint8:
    case DType::quint8:
      made = empty_quantized(scheme_of(arguments.at(4)), view.sizes, type);
      view.dtype = DType::uint8;
      break;
    case DType::qint32:
      made = empty_quantized(scheme_of(arguments.at(4)), view.sizes, type);
      view.dtype = DType::int32;
      break;
    default:
      throw Error(ErrorCode::unsupported,
                  "a quantized tensor of " + std::string(checkpoint::name(view.dtype)));
  }
  auto alone = std::make_shared<Storage>(*view.storage);
  view.storage = std::move(alone);
  view.storage->dtype = view.dtype;
  const at::Tensor bits = to_tensor(view).contiguous();
  if (bits.numel() > 0)
    std::memcpy(made.data_ptr(), bits.const_data_ptr(), static_cast<std::size_t>(bits.nbytes()));
  return made;
}

at::Tensor meta_tensor(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 4);
  const auto type = static_cast<at::ScalarType>(arguments.at(0).as_dtype());
  auto made = at::empty_strided(numbers(arguments.at(1)), numbers(arguments.at(2)),
                                at::TensorOptions(at::kMeta).dtype(type));
  if (arguments.at(3).as_bool()) made.set_requires_grad(true);
  return made;
}

// Each row of `sizes` is the shape of one tensor in the buffer.
at::Tensor nested_tensor(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 4);
  const at::Tensor buffer = whole_tensor(arguments.at(0));
  const at::Tensor sizes = whole_tensor(arguments.at(1));
  const at::Tensor strides = whole_tensor(arguments.at(2));
  const at::Tensor offsets = whole_tensor(arguments.at(3));
  const bool shaped = buffer.dim() == 1 && sizes.dim() == 2 && sizes.sizes() == strides.sizes() &&
                      offsets.dim() == 1 && offsets.size(0) == sizes.size(0) &&
                      sizes.scalar_type() == at::kLong && strides.scalar_type() == at::kLong &&
                      offsets.scalar_type() == at::kLong;
  if (!shaped) corrupt("a nested tensor whose parts do not fit");
  for (std::int64_t i = 0; i < sizes.size(0); ++i) {
    std::int64_t last = offsets[i].item<std::int64_t>();
    bool empty = false;
    if (last < 0) corrupt("a nested tensor reaches beyond its memory");
    for (std::int64_t d = 0; d < sizes.size(1); ++d) {
      const auto size = sizes[i][d].item<std::int64_t>();
      const auto stride = strides[i][d].item<std::int64_t>();
      std::int64_t reach = 0;
      if (size < 0 || stride < 0) corrupt("a nested tensor with a negative size or stride");
      empty = empty || size == 0;
      if (size > 0 && (__builtin_mul_overflow(size - 1, stride, &reach) ||
                       __builtin_add_overflow(last, reach, &last)))
        corrupt("a nested tensor reaches beyond its memory");
    }
    if (!empty && last >= buffer.numel()) corrupt("a nested tensor reaches beyond its memory");
  }
  return at::_nested_view_from_buffer_copy(buffer, sizes, strides, offsets);
}

// _rebuild_from_type_v2(function, type, arguments, attributes) around another call.
at::Tensor typed_tensor(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 4);
  return composite_tensor(
      Opaque::make(Opaque::Form::call, arguments.at(0), arguments.at(2).as_tuple()));
}

// _rebuild_parameter_with_state(tensor, requires_grad, hooks, attributes)
at::Tensor parameter(const Opaque& object) {
  const Tuple& arguments = arguments_of(object, 4);
  return arguments.at(0).as<at::Tensor>().set_requires_grad(arguments.at(1).as_bool());
}

}  // namespace

bool is_composite(const at::Tensor& tensor) {
  return tensor.is_nested() || tensor.layout() != at::kStrided || tensor.is_quantized() ||
         tensor.is_meta();
}

Value composite_value(const at::Tensor& tensor) {
  if (tensor.is_nested()) return nested_value(tensor);
  if (tensor.is_meta()) return meta_value(tensor);
  if (tensor.is_quantized()) return quantized_value(tensor);
  return sparse_value(tensor);
}

at::Tensor composite_tensor(const Opaque& object) {
  try {
    if (object.is_call_of(kUtils, "_rebuild_sparse_tensor")) return sparse_tensor(object);
    if (object.is_call_of(kUtils, "_rebuild_qtensor")) return quantized_tensor(object);
    if (object.is_call_of(kUtils, "_rebuild_meta_tensor_no_storage")) return meta_tensor(object);
    if (object.is_call_of(kUtils, "_rebuild_nested_tensor")) return nested_tensor(object);
    if (object.is_call_of("torch._tensor", "_rebuild_from_type_v2")) return typed_tensor(object);
    if (object.is_call_of(kUtils, "_rebuild_parameter_with_state")) return parameter(object);
  } catch (const c10::Error& error) {
    corrupt(std::string("ATen refuses what ") + object.full_name() +
            " is given: " + error.what_without_backtrace());
  }
  throw Error(ErrorCode::type, "expected tensor, found an object of " + object.full_name());
}

}  // namespace cairn::checkpoint
