#include "tools/cairn/ckpt_elements.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace cairn::tools {
namespace {

using checkpoint::DType;

template <class T>
T read(const std::byte* from) {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// A binary floating-point type of at most 16 bits.
struct Layout {
  unsigned exponent;  // bits
  unsigned mantissa;  // bits
  int bias;
  enum { ieee, finite, unsigned_zero } special;  // how infinity and NaN are written
};

// finite: NaN is all ones, and there is no infinity (OCP 8-bit floating point, E4M3).
// unsigned_zero: NaN is what would be -0, and there is no infinity (the FNUZ types of
// arXiv:2206.02915).
double small_float(unsigned bits, const Layout& layout) {
  const unsigned mantissa_mask = (1U << layout.mantissa) - 1;
  const unsigned exponent_mask = (1U << layout.exponent) - 1;
  const unsigned mantissa = bits & mantissa_mask;
  const unsigned exponent = (bits >> layout.mantissa) & exponent_mask;
  const bool negative = (bits >> (layout.mantissa + layout.exponent)) != 0;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (layout.special == Layout::unsigned_zero && negative && mantissa == 0 && exponent == 0)
    return kNan;
  if (layout.special == Layout::finite && exponent == exponent_mask && mantissa == mantissa_mask)
    return kNan;
  double value = 0;
  if (layout.special == Layout::ieee && exponent == exponent_mask) {
    value = mantissa != 0 ? kNan : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    value = std::ldexp(mantissa, 1 - layout.bias - static_cast<int>(layout.mantissa));
  } else {
    value = std::ldexp(mantissa + mantissa_mask + 1, static_cast<int>(exponent) - layout.bias -
                                                         static_cast<int>(layout.mantissa));
  }
  return negative ? -value : value;
}

constexpr Layout kHalf{5, 10, 15, Layout::ieee};
constexpr Layout kBrain{8, 7, 127, Layout::ieee};

double half(const std::byte* from) {
  return small_float(read<std::uint16_t>(from), kHalf);
}
double byte_float(const std::byte* from, const Layout& layout) {
  return small_float(read<std::uint8_t>(from), layout);
}
double power(const std::byte* from) {  // float8_e8m0fnu: an exponent alone
  const int exponent = read<std::uint8_t>(from);
  return exponent == 255 ? std::numeric_limits<double>::quiet_NaN()
                         : std::ldexp(1.0, exponent - 127);
}

template <class T>
double number(const std::byte* from) {
  return static_cast<double>(read<T>(from));
}

}  // namespace

std::optional<std::complex<double>> element_value(DType dtype, const std::byte* element) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8:
      return number<std::uint8_t>(element);
    case DType::int8:
      return number<std::int8_t>(element);
    case DType::int16:
      return number<std::int16_t>(element);
    case DType::uint16:
      return number<std::uint16_t>(element);
    case DType::int32:
      return number<std::int32_t>(element);
    case DType::uint32:
      return number<std::uint32_t>(element);
    case DType::int64:
      return number<std::int64_t>(element);
    case DType::uint64:
      return number<std::uint64_t>(element);
    case DType::float16:
      return half(element);
    case DType::bfloat16:
      return small_float(read<std::uint16_t>(element), kBrain);
    case DType::float32:
      return number<float>(element);
    case DType::float64:
      return number<double>(element);
    case DType::float8_e5m2:
      return byte_float(element, {5, 2, 15, Layout::ieee});
    case DType::float8_e4m3fn:
      return byte_float(element, {4, 3, 7, Layout::finite});
    case DType::float8_e5m2fnuz:
      return byte_float(element, {5, 2, 16, Layout::unsigned_zero});
    case DType::float8_e4m3fnuz:
      return byte_float(element, {4, 3, 8, Layout::unsigned_zero});
    case DType::float8_e8m0fnu:
      return power(element);
    case DType::complex32:
      return std::complex(half(element), half(element + 2));
    case DType::complex64:
      return std::complex(number<float>(element), number<float>(element + 4));
    case DType::complex128:
      return std::complex(number<double>(element), number<double>(element + 8));
    default:
      return std::nullopt;
  }
}

}  // namespace cairn::tools
