// The element types of tensors, as torch names them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// Values are those of c10::ScalarType, so that the two convert by a cast (a static_assert in checkpoint/tensor.cpp).
enum class DType : std::int8_t {
  uint8 = 0,
  int8 = 1,
  int16 = 2,
  int32 = 3,
  int64 = 4,
  float16 = 5,
  float32 = 6,
  float64 = 7,
  complex32 = 8,
  complex64 = 9,
  complex128 = 10,
  boolean = 11,
  qint8 = 12,
  quint8 = 13,
  qint32 = 14,
  bfloat16 = 15,
  quint4x2 = 16,
  quint2x4 = 17,
  bits1x8 = 18,
  bits2x4 = 19,
  bits4x2 = 20,
  bits8 = 21,
  bits16 = 22,
  float8_e5m2 = 23,
  float8_e4m3fn = 24,
  float8_e5m2fnuz = 25,
  float8_e4m3fnuz = 26,
  uint16 = 27,
  uint32 = 28,
  uint64 = 29,
  // 30 to 43 are the sub-byte integers uint1…uint7 and int1…int7, which torch can't store yet.
  float8_e8m0fnu = 44,
  float4_e2m1fn_x2 = 45,
  bcomplex32 = 46,
};

[[nodiscard]] CAIRN_API std::size_t item_size(DType dtype);
/// "float32", "bool", … as after "torch.".
[[nodiscard]] CAIRN_API std::string_view name(DType dtype);
[[nodiscard]] CAIRN_API std::optional<DType> dtype_from_name(std::string_view name);
/// "FloatStorage", …; empty for the newer types, which are stored untyped and rebuilt with _rebuild_tensor_v3.
[[nodiscard]] CAIRN_API std::string_view storage_name(DType dtype);
[[nodiscard]] CAIRN_API std::optional<DType> dtype_from_storage_name(std::string_view name);

}  // namespace cairn::checkpoint
