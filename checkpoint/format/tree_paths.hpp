// Places in a tree as text: "state_dict.fc.weight", "optimizer_states.0.state". Keys are joined by
// dots, and may hold dots.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// Has a wildcard in it: "*" stands for anything but dots, "**" for anything.
[[nodiscard]] bool is_pattern(std::string_view path);
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);
/// The value there; the whole tree for an empty path. Throws Error(key) that says how far the path
/// goes, and what is near.
[[nodiscard]] const Value& value_at_path(const Value& root, std::string_view path);
/// Each value that holds no others by path (and empty containers, sets and opaque objects), in
/// order. Throws Error(limit) for a tree of more than ten million: what is shared is visited
/// wherever it stands.
void for_each_leaf(const Value& root,
                   const std::function<void(const std::string& path, const Value& leaf)>& visit);

}  // namespace cairn::checkpoint::format
