// The names that a pickle may refer to. Each stands for data that the decoder builds itself:
// nothing is looked up or called.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/format/dtype.hpp"

namespace cairn::checkpoint::format {

enum class Known {
  ordered_dict,       // collections.OrderedDict
  counter,            // collections.Counter
  size,               // torch.Size
  encode,             // _codecs.encode: bytes in protocol 2
  bytes,              // the type: only for empty bytes
  complex,            // the type
  set,                // the type
  device,             // torch.device
  rebuild_v2,         // torch._utils._rebuild_tensor_v2
  rebuild_v3,         // torch._utils._rebuild_tensor_v3
  rebuild_parameter,  // torch._utils._rebuild_parameter
  rebuild_typed,      // torch._tensor._rebuild_from_type_v2
  rebuild_parameter_with_state,
  storage_type,       // torch.FloatStorage, …
  untyped_storage,    // torch.storage.UntypedStorage
  dtype,              // torch.float32, …
};

/// Of the functions that _rebuild_from_type_v2 may be given, those of strided tensors.
[[nodiscard]] constexpr bool makes_tensor(Known what) {
  return what == Known::rebuild_v2 || what == Known::rebuild_v3;
}

struct Global {
  Known what{};
  DType dtype{DType::uint8};  // of storage_type and dtype
};

[[nodiscard]] std::optional<Global> find_global(std::string_view module, std::string_view name);
/// Whether torch.load(weights_only=True) takes the name (torch/_weights_only_unpickler.py, _get_allowed_globals), as far as a
/// checkpoint can hold it.
[[nodiscard]] bool is_weights_only(std::string_view module, std::string_view name);
/// "numpy.ndarray" and, where there is one, what to do instead.
[[nodiscard]] std::string describe_unknown(std::string_view module, std::string_view name);

}  // namespace cairn::checkpoint::format
