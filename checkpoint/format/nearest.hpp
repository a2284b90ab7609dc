// "Did you mean": the closest of some names.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::checkpoint {

/// Levenshtein distance, or `limit` if it is at least that.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right,
                                        std::size_t limit);

}  // namespace cairn::checkpoint
