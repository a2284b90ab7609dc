// Tensors as the bytes of a safetensors file.
#pragma once

#include "checkpoint/format/safetensors.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

/// Refers to the tensors' memory and keeps it alive, but for copies of what is not contiguous.
/// Throws Error that names the tensor.
[[nodiscard]] vfs::Body write_safetensors(const Safetensors& content,
                                          const SafetensorsSaveOptions& options);

}  // namespace cairn::checkpoint::format
