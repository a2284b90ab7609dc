// Elements of tensors as numbers.
#pragma once

#include <complex>
#include <cstddef>
#include <optional>

#include "checkpoint/format/dtype.hpp"

namespace cairn::tools {

/// The number that an element is; the imaginary part is 0 but for complex types, and integers are
/// rounded to a double. Absent for types that are no numbers of whole bytes.
[[nodiscard]] std::optional<std::complex<double>> element_value(checkpoint::DType dtype,
                                                                const std::byte* element);

}  // namespace cairn::tools
