// The arguments of calls that pickles describe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

[[noreturn]] void corrupt(const std::string& what);
/// "argument 2 of a call is list, not int": Error(corrupt).
[[nodiscard]] const Value& value_at(const std::vector<Value>& arguments, std::size_t index,
                                    Kind kind);
/// A tuple of ints.
[[nodiscard]] std::vector<std::int64_t> integers_at(const std::vector<Value>& arguments,
                                                    std::size_t index);

}  // namespace cairn::checkpoint::format
