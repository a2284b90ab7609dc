// Named numbers: what steps log, what callbacks monitor, what loggers write.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cairn {

using Metrics = std::map<std::string, double, std::less<>>;

/// As Lightning's self.log. Logged both per step and per epoch, a metric gets two names: x_step and
/// x_epoch.
struct LogOptions {
  std::optional<bool> on_step{};  ///< unset: in training yes, in evaluation no
  std::optional<bool>
      on_epoch{};  ///< the mean over the epoch, weighted by batch size; unset: in evaluation yes
  bool prog_bar{false};
  bool logger{true};
};

}  // namespace cairn
