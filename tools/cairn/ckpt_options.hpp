// The syntax of `cairn ckpt`.
#pragma once

#include <CLI/CLI.hpp>

#include "tools/cairn/ckpt.hpp"
#include "tools/cairn/exit_code.hpp"

namespace cairn::tools {

struct CheckpointOptions {
  ShowCommand show{};
  std::string verify{};
  DiffCommand diff{};
  ExtractCommand extract{};
  ConvertCommand convert{};
};

/// Adds the command `ckpt`, whose own commands fill `options`.
void add_checkpoint_commands(CLI::App& app, CheckpointOptions& options);

/// Runs what was chosen below `ckpt`.
[[nodiscard]] ExitCode run_checkpoint(const CLI::App& ckpt, const Session& session,
                                      const CheckpointOptions& options);

}  // namespace cairn::tools
