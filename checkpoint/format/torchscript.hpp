// Archives of C++ torch::save and torch.jit.save: objects of classes that their own code describes.
#pragma once

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// The tree with each object as an OrderedDict of its fields: a module is its parameters, buffers and children by name. Lists that
/// carry a type are lists. The code is not looked at. What is shared stays shared.
[[nodiscard]] Value torchscript_fields(const Value& root);

}  // namespace cairn::checkpoint::format
