// What the Trainer is doing.
#pragma once

#include <string_view>

namespace cairn {

enum class Stage { fit, validate, test };

/// "fit", "validate", "test".
[[nodiscard]] constexpr std::string_view to_string(Stage stage) {
  if (stage == Stage::fit) return "fit";
  return stage == Stage::validate ? "validate" : "test";
}

}  // namespace cairn
