#include "trainer/load.hpp"

#include <stdexcept>
#include <string>

#include "trainer/state/restore.hpp"

namespace cairn {

checkpoint::LoadReport load_weights(Module& module, std::string_view url,
                                    const LoadWeightsOptions& options) {
  const auto text = [](bool strict) { return std::string(strict ? "true" : "false"); };
  const std::optional<bool> set = module.explicit_strict_loading();
  if (options.strict && set && *options.strict != *set) {
    throw std::invalid_argument("cannot load " + std::string(url) +
                                ": strict = " + text(*options.strict) +
                                " contradicts the module's strict_loading = " + text(*set));
  }
  Checkpoint file = detail::read_checkpoint(
      std::string(url), options.context ? options.context : vfs::Context::standard());
  return detail::about(url, [&] {
    module.on_load_checkpoint(file);
    return module.load_state_dict(file.state_dict(),
                                  options.strict.value_or(module.strict_loading()));
  });
}

}  // namespace cairn
