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
  counter,            // collections.Counter: becomes a plain dict
  size,               // torch.Size: becomes a tuple
  encode,             // _codecs.encode: bytes in protocol 2
  bytes,              // the type: only for empty bytes
  rebuild_v2,         // torch._utils._rebuild_tensor_v2
  rebuild_v3,         // torch._utils._rebuild_tensor_v3
  rebuild_parameter,  // torch._utils._rebuild_parameter: becomes its tensor
  storage_type,       // torch.FloatStorage, …
  untyped_storage,    // torch.storage.UntypedStorage
  dtype,              // torch.float32, …
};

struct Global {
  Known what{};
  DType dtype{DType::uint8};  // of storage_type and dtype
};

[[nodiscard]] std::optional<Global> find_global(std::string_view module, std::string_view name);
/// "numpy.ndarray" and, where there is one, what to do instead.
[[nodiscard]] std::string describe_unknown(std::string_view module, std::string_view name);

}  // namespace cairn::checkpoint::format
