// What training_step, validation_step and test_step are told.
#pragma once

#include <cstdint>
#include <string_view>

#include "trainer/metrics.hpp"
#include "vfs/export.hpp"

namespace at {
class Tensor;
}

namespace cairn {

namespace detail {
class MetricStore;
}

/// Where training is. `log` keeps tensors on their device: nothing waits for the device until a
/// logger or a monitor reads the value.
class CAIRN_API Step {
 public:
  std::int64_t epoch{0};
  std::int64_t batch_idx{0};
  std::int64_t global_step{0};  ///< optimizer steps made

  void log(std::string_view name, const at::Tensor& value, const LogOptions& options = {});
  void log(std::string_view name, double value, const LogOptions& options = {});

  explicit Step(detail::MetricStore& metrics) : metrics_(&metrics) {}

 private:
  detail::MetricStore* metrics_;
};

}  // namespace cairn
