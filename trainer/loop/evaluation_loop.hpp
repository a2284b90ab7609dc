// One pass over a validation or test loader.
#pragma once

#include <cstdint>
#include <optional>

#include "trainer/loop/run_state.hpp"

namespace cairn::detail {

/// How many batches of `size` (unknown for endless data) a limit lets through; absent: all there
/// are.
[[nodiscard]] std::optional<std::int64_t> limited(const Limit& limit,
                                                  std::optional<std::int64_t> size);

struct EvaluationOptions {
  Stage stage{Stage::validate};
  Limit limit{};
  const char* label{"Validation"};
};

/// Without gradients, in eval mode; the modes of all submodules are put back. Returns the means of
/// what was logged.
Metrics evaluate(Trainer& trainer, RunState& run, Runner& runner, const EvaluationOptions& options);

}  // namespace cairn::detail
