// Logged values: kept as tensors where they are, read only when somebody wants the number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"
#include "trainer/metrics.hpp"

namespace cairn::detail {

[[nodiscard]] checkpoint::Value to_value(const Metrics& metrics);
[[nodiscard]] Metrics metrics_from_value(const checkpoint::Value& value);

/// The metrics of a loop. Training and evaluation have one each.
class MetricStore {
 public:
  struct Defaults {
    bool on_step{true};
    bool on_epoch{false};
  };
  explicit MetricStore(Defaults defaults) : defaults_(defaults) {}

  /// Weight of what is logged from now on: the batch size.
  void weight(std::int64_t weight) noexcept { weight_ = static_cast<double>(weight); }
  void log(std::string_view name, const at::Tensor& value, const LogOptions& options);
  void log(std::string_view name, double value, const LogOptions& options);

  // Each waits for the device.
  [[nodiscard]] Metrics step_values() const;   ///< logged per step, the latest
  [[nodiscard]] Metrics epoch_values() const;  ///< the means so far
  [[nodiscard]] Metrics progress_bar_values() const;
  [[nodiscard]] Metrics for_logger(
      const Metrics& values) const;  ///< without those logged with logger = false
  void end_epoch();                  ///< forgets the sums
  void clear() noexcept { entries_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  /// The sums of the epoch that runs, so that a resumed epoch's means cover all of it.
  [[nodiscard]] checkpoint::Value state() const;
  void restore(const checkpoint::Value& state);

 private:
  struct Entry {
    std::string name{};
    std::string step_name{};
    std::string epoch_name{};
    bool on_step{false};
    bool on_epoch{false};
    bool prog_bar{false};
    bool logger{true};
    at::Tensor value{};  ///< defined: it counts, else `number`
    double number{0};
    bool fresh{false};  ///< `value` or `number` is set
    at::Tensor tensor_sum{};
    double number_sum{0};
    double weight{0};  ///< of what was summed
  };
  Entry& entry(std::string_view name, const LogOptions& options);

  Defaults defaults_;
  double weight_{1};
  std::vector<Entry> entries_;
};

}  // namespace cairn::detail
