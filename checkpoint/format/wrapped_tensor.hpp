// The two calls by which torch.save gives a tensor attributes. In a tree the tensor itself stands
// among their arguments, in the place of what describes it.
#pragma once

#include <cstddef>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

constexpr std::size_t kWrapperArguments = 4;  // of either

enum class Wrapper {
  none,
  typed,      // torch._tensor._rebuild_from_type_v2(function, type, tensor, attributes)
  parameter,  // torch._utils._rebuild_parameter_with_state(tensor, requires_grad, hooks,
              // attributes)
};

/// none, too, for such a call around what is no strided tensor, or with a function that makes none.
[[nodiscard]] Wrapper wrapper_of(const Opaque& object);
/// Of typed or parameter.
[[nodiscard]] const StoredTensor& wrapped_tensor(const Opaque& object, Wrapper wrapper);

}  // namespace cairn::checkpoint::format
