#include "checkpoint/format/globals.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {
namespace {

struct Name {
  std::string_view module;
  std::string_view name;
  Known what;
};

constexpr std::array kNames{
    Name{"collections", "OrderedDict", Known::ordered_dict},
    Name{"collections", "Counter", Known::counter},
    Name{"torch", "Size", Known::size},
    Name{"_codecs", "encode", Known::encode},
    Name{"__builtin__", "bytes", Known::bytes},
    Name{"builtins", "bytes", Known::bytes},
    Name{"__builtin__", "complex", Known::complex},
    Name{"builtins", "complex", Known::complex},
    Name{"__builtin__", "set", Known::set},
    Name{"builtins", "set", Known::set},
    Name{"torch", "device", Known::device},
    Name{"torch._utils", "_rebuild_tensor_v2", Known::rebuild_v2},
    Name{"torch._utils", "_rebuild_tensor_v3", Known::rebuild_v3},
    Name{"torch._utils", "_rebuild_parameter", Known::rebuild_parameter},
    Name{"torch._tensor", "_rebuild_from_type_v2", Known::rebuild_typed},
    Name{"torch._utils", "_rebuild_parameter_with_state", Known::rebuild_parameter_with_state},
    Name{"torch.storage", "UntypedStorage", Known::untyped_storage},
    Name{"torch", "UntypedStorage", Known::untyped_storage},
};

// What else weights_only takes: kept as it is. bytes are not among them.
struct Allowed {
  std::string_view module;
  std::string_view name;
};

constexpr std::array kAllowed{
    Allowed{"__builtin__", "bytearray"},
    Allowed{"builtins", "bytearray"},
    Allowed{"torch", "Tensor"},
    Allowed{"torch.nn.parameter", "Parameter"},
    Allowed{"torch.serialization", "_get_layout"},
    Allowed{"torch", "per_tensor_affine"},
    Allowed{"torch", "per_tensor_symmetric"},
    Allowed{"torch", "per_channel_affine"},
    Allowed{"torch", "per_channel_symmetric"},
    Allowed{"torch", "per_channel_affine_float_qparams"},
    Allowed{"torch._utils", "_rebuild_qtensor"},
    Allowed{"torch._utils", "_rebuild_tensor"},
    Allowed{"torch._utils", "_rebuild_sparse_tensor"},
    Allowed{"torch._utils", "_rebuild_meta_tensor_no_storage"},
    Allowed{"torch._utils", "_rebuild_nested_tensor"},
    Allowed{"torch._utils", "_rebuild_wrapper_subclass"},
    Allowed{"torch._utils", "_rebuild_device_tensor_from_numpy"},
    Allowed{"torch._utils", "_rebuild_device_tensor_from_cpu_tensor"},
};

constexpr std::size_t kShown = 120;  // of a module and of a name, in messages

struct Hint {
  std::string_view module;  // with everything below it
  std::string_view text;
};

constexpr std::array kHints{
    Hint{"numpy", "save it as a tensor or a list"},
    Hint{"pathlib", "save str(path)"},
    Hint{"argparse", "save vars(namespace)"},
    Hint{"omegaconf", "save OmegaConf.to_container(config)"},
    Hint{"datetime", "save it as text or a number"},
};

bool below(std::string_view module, std::string_view parent) {
  return module.starts_with(parent) &&
         (module.size() == parent.size() || module[parent.size()] == '.');
}

}  // namespace

std::optional<Global> find_global(std::string_view module, std::string_view name) {
  for (const Name& known : kNames) {
    if (known.module == module && known.name == name) return Global{.what = known.what};
  }
  if (module == "torch" || module == "torch.cuda") {
    if (const auto dtype = dtype_from_storage_name(name))
      return Global{.what = Known::storage_type, .dtype = *dtype};
  }
  if (module == "torch") {
    if (const auto dtype = dtype_from_name(name))
      return Global{.what = Known::dtype, .dtype = *dtype};
  }
  return std::nullopt;
}

bool is_weights_only(std::string_view module, std::string_view name) {
  const auto global = find_global(module, name);
  if (global) return global->what != Known::bytes;
  return std::any_of(kAllowed.begin(), kAllowed.end(), [&](const Allowed& allowed) {
    return allowed.module == module && allowed.name == name;
  });
}

std::string describe_unknown(std::string_view module, std::string_view name) {
  std::string text = printable(module, kShown) + "." + printable(name, kShown);
  for (const Hint& hint : kHints) {
    if (below(module, hint.module)) return text + " (" + std::string(hint.text) + ")";
  }
  if (module == "__builtin__" || module == "builtins" || module == "collections") {
    return text +
           " (plain data are None, bool, int, float, complex, str, bytes, list, tuple, dict, "
           "OrderedDict, Counter, set and tensors)";
  }
  return text;
}

}  // namespace cairn::checkpoint::format
