// Catch2's versions spell this matcher in two ways.
#pragma once

#include <string_view>

namespace cairn::test {

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace cairn::test

using cairn::test::contains;
