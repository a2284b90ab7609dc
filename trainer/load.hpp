// A Module from a checkpoint, without a Trainer: for inference and fine-tuning.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "checkpoint/state.hpp"
#include "trainer/module.hpp"
#include "vfs/context.hpp"
#include "vfs/export.hpp"

namespace cairn {

struct LoadWeightsOptions {
  std::optional<bool> strict{};  ///< unset: the module's. One that contradicts what the module was
                                 ///< set to is std::invalid_argument
  std::shared_ptr<vfs::Context> context{};
};

/// on_load_checkpoint, then the weights. Takes ours and Lightning's files.
CAIRN_API checkpoint::LoadReport load_weights(Module& module, std::string_view url,
                                              const LoadWeightsOptions& options = {});

/// Lightning's: constructs M(args…) and loads it.
template <std::derived_from<Module> M, class... Args>
[[nodiscard]] std::shared_ptr<M> load_from_checkpoint(std::string_view url,
                                                      const LoadWeightsOptions& options = {},
                                                      Args&&... args) {
  auto module = std::make_shared<M>(std::forward<Args>(args)...);
  module->configure_model();
  load_weights(*module, url, options);
  return module;
}

}  // namespace cairn
