// The arithmetic of strided views, with every overflow checked.
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// What is wrong with the view (negative sizes or strides, elements outside the storage, overflow);
/// empty if nothing is.
[[nodiscard]] std::string view_problem(const StoredTensor& tensor, std::uint64_t storage_elements);

/// Quantized tensors have scales besides their elements, which a StoredTensor has not.
[[nodiscard]] bool is_quantized(DType dtype);

/// Row after row without gaps; strides of dimensions of one element say nothing. Needs a view
/// without problems.
[[nodiscard]] bool is_contiguous(const StoredTensor& tensor);

}  // namespace cairn::checkpoint::format
