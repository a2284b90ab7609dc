// Python's names and literals: class names as __qualname__, values as repr().
#pragma once

#include <string>
#include <typeinfo>

#include "checkpoint/format/value.hpp"

namespace cairn::detail {

/// "LitModel" of my::app::LitModel: without namespaces, as a class at the top level of a Python
/// module has.
[[nodiscard]] std::string class_name(const std::type_info& type);
/// repr(value) of CPython for None, bool, int, float, str, list, tuple and dict. Throws
/// std::invalid_argument for others.
[[nodiscard]] std::string python_repr(const checkpoint::Value& value);

}  // namespace cairn::detail
