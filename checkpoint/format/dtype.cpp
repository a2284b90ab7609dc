#include "checkpoint/format/dtype.hpp"

#include <array>

namespace cairn::checkpoint {
namespace {

struct Entry {
  DType dtype;
  std::size_t item_size;
  std::string_view name;
  std::string_view storage;  // empty: stored untyped, rebuilt with _rebuild_tensor_v3
};

// torch/storage.py `_dtype_to_storage_type_map` lists the types that have a storage class.
constexpr std::array kTypes{
    Entry{DType::uint8, 1, "uint8", "ByteStorage"},
    Entry{DType::int8, 1, "int8", "CharStorage"},
    Entry{DType::int16, 2, "int16", "ShortStorage"},
    Entry{DType::int32, 4, "int32", "IntStorage"},
    Entry{DType::int64, 8, "int64", "LongStorage"},
    Entry{DType::float16, 2, "float16", "HalfStorage"},
    Entry{DType::float32, 4, "float32", "FloatStorage"},
    Entry{DType::float64, 8, "float64", "DoubleStorage"},
    Entry{DType::complex32, 4, "complex32", ""},
    Entry{DType::complex64, 8, "complex64", "ComplexFloatStorage"},
    Entry{DType::complex128, 16, "complex128", "ComplexDoubleStorage"},
    Entry{DType::boolean, 1, "bool", "BoolStorage"},
    Entry{DType::qint8, 1, "qint8", "QInt8Storage"},
    Entry{DType::quint8, 1, "quint8", "QUInt8Storage"},
    Entry{DType::qint32, 4, "qint32", "QInt32Storage"},
    Entry{DType::bfloat16, 2, "bfloat16", "BFloat16Storage"},
    Entry{DType::quint4x2, 1, "quint4x2", "QUInt4x2Storage"},
    Entry{DType::quint2x4, 1, "quint2x4", "QUInt2x4Storage"},
    Entry{DType::bits1x8, 1, "bits1x8", ""},
    Entry{DType::bits2x4, 1, "bits2x4", ""},
    Entry{DType::bits4x2, 1, "bits4x2", ""},
    Entry{DType::bits8, 1, "bits8", ""},
    Entry{DType::bits16, 2, "bits16", ""},
    Entry{DType::float8_e5m2, 1, "float8_e5m2", ""},
    Entry{DType::float8_e4m3fn, 1, "float8_e4m3fn", ""},
    Entry{DType::float8_e5m2fnuz, 1, "float8_e5m2fnuz", ""},
    Entry{DType::float8_e4m3fnuz, 1, "float8_e4m3fnuz", ""},
    Entry{DType::uint16, 2, "uint16", ""},
    Entry{DType::uint32, 4, "uint32", ""},
    Entry{DType::uint64, 8, "uint64", ""},
    Entry{DType::float8_e8m0fnu, 1, "float8_e8m0fnu", ""},
    Entry{DType::float4_e2m1fn_x2, 1, "float4_e2m1fn_x2", ""},
    Entry{DType::bcomplex32, 4, "bcomplex32", ""},
};

const Entry* entry(DType dtype) {
  for (const Entry& candidate : kTypes) {
    if (candidate.dtype == dtype) return &candidate;
  }
  return nullptr;
}

}  // namespace

std::size_t item_size(DType dtype) {
  const Entry* found = entry(dtype);
  return found == nullptr ? 0 : found->item_size;
}

std::string_view name(DType dtype) {
  const Entry* found = entry(dtype);
  return found == nullptr ? "unknown" : found->name;
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const Entry& candidate : kTypes) {
    if (candidate.name == name) return candidate.dtype;
  }
  return std::nullopt;
}

std::string_view storage_name(DType dtype) {
  const Entry* found = entry(dtype);
  return found == nullptr ? std::string_view{} : found->storage;
}

std::optional<DType> dtype_from_storage_name(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (const Entry& candidate : kTypes) {
    if (candidate.storage == name) return candidate.dtype;
  }
  return std::nullopt;
}

}  // namespace cairn::checkpoint
