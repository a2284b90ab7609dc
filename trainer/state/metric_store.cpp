#include "trainer/state/metric_store.hpp"

#include <algorithm>
#include <stdexcept>

#include <ATen/TensorOperators.h>

#include "checkpoint/tensor.hpp"
#include "trainer/step.hpp"

namespace cairn {

void Step::log(std::string_view name, const at::Tensor& value, const LogOptions& options) {
  metrics_->log(name, value, options);
}
void Step::log(std::string_view name, double value, const LogOptions& options) {
  metrics_->log(name, value, options);
}

}  // namespace cairn

namespace cairn::detail {

using checkpoint::Dict;
using checkpoint::Value;

Value to_value(const Metrics& metrics) {
  Dict dict;
  for (const auto& [name, value] : metrics) dict[Value(name)] = value;
  return dict;
}

Metrics metrics_from_value(const Value& value) {
  Metrics metrics;
  for (const auto& [name, number] : value.as_dict().items())
    metrics[name.as_string()] = number.as_double();
  return metrics;
}

MetricStore::Entry& MetricStore::entry(std::string_view name, const LogOptions& options) {
  // A handful of names: a scan is faster than a map.
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  if (found != entries_.end()) return *found;
  Entry entry{.name = std::string(name),
              .on_step = options.on_step.value_or(defaults_.on_step),
              .on_epoch = options.on_epoch.value_or(defaults_.on_epoch),
              .prog_bar = options.prog_bar,
              .logger = options.logger};
  const bool both = entry.on_step && entry.on_epoch;
  entry.step_name = both ? entry.name + "_step" : entry.name;
  entry.epoch_name = both ? entry.name + "_epoch" : entry.name;
  return entries_.emplace_back(std::move(entry));
}

void MetricStore::log(std::string_view name, const at::Tensor& value, const LogOptions& options) {
  if (value.numel() != 1)
    throw std::invalid_argument("log: '" + std::string(name) + "' is a tensor with " +
                                std::to_string(value.numel()) + " elements, not one");
  Entry& e = entry(name, options);
  e.value = value.detach();
  e.fresh = true;
  if (!e.on_epoch) return;
  const at::Tensor weighted = e.value * weight_;
  e.tensor_sum = e.tensor_sum.defined() ? e.tensor_sum.to(weighted.device()) + weighted : weighted;
  e.weight += weight_;
}

void MetricStore::log(std::string_view name, double value, const LogOptions& options) {
  Entry& e = entry(name, options);
  e.value = at::Tensor();
  e.number = value;
  e.fresh = true;
  if (!e.on_epoch) return;
  e.number_sum += value * weight_;
  e.weight += weight_;
}

Metrics MetricStore::step_values() const {
  Metrics out;
  for (const Entry& e : entries_) {
    if (e.on_step && e.fresh)
      out[e.step_name] = e.value.defined() ? e.value.item<double>() : e.number;
  }
  return out;
}

Metrics MetricStore::epoch_values() const {
  Metrics out;
  for (const Entry& e : entries_) {
    if (!e.on_epoch || e.weight == 0) continue;
    out[e.epoch_name] =
        ((e.tensor_sum.defined() ? e.tensor_sum.item<double>() : 0) + e.number_sum) / e.weight;
  }
  return out;
}

Metrics MetricStore::progress_bar_values() const {
  Metrics out;
  for (const Entry& e : entries_) {
    if (e.prog_bar && e.fresh) out[e.name] = e.value.defined() ? e.value.item<double>() : e.number;
  }
  return out;
}

Metrics MetricStore::for_logger(const Metrics& values) const {
  Metrics out = values;
  for (const Entry& e : entries_) {
    if (e.logger) continue;
    out.erase(e.step_name);
    out.erase(e.epoch_name);
  }
  return out;
}

void MetricStore::end_epoch() {
  for (Entry& e : entries_) {
    e.tensor_sum = at::Tensor();
    e.number_sum = 0;
    e.weight = 0;
  }
}

Value MetricStore::state() const {
  Dict state;
  for (const Entry& e : entries_) {
    Dict entry{{"on_step", e.on_step}, {"on_epoch", e.on_epoch},     {"prog_bar", e.prog_bar},
               {"logger", e.logger},   {"number_sum", e.number_sum}, {"weight", e.weight}};
    if (e.tensor_sum.defined()) entry["tensor_sum"] = Value(e.tensor_sum);
    if (e.fresh) entry["value"] = e.value.defined() ? Value(e.value) : Value(e.number);
    state[Value(e.name)] = std::move(entry);
  }
  return state;
}

void MetricStore::restore(const Value& state) {
  entries_.clear();
  for (const auto& [name, saved] : state.as_dict().items()) {
    Entry& e = entry(name.as_string(), {.on_step = saved.at("on_step").as_bool(),
                                        .on_epoch = saved.at("on_epoch").as_bool(),
                                        .prog_bar = saved.at("prog_bar").as_bool(),
                                        .logger = saved.at("logger").as_bool()});
    e.number_sum = saved.at("number_sum").as_double();
    e.weight = saved.at("weight").as_double();
    if (saved.contains("tensor_sum")) e.tensor_sum = saved.at("tensor_sum").as<at::Tensor>();
    if (!saved.contains("value")) continue;
    e.fresh = true;
    const Value& value = saved.at("value");
    if (value.kind() == checkpoint::Kind::tensor)
      e.value = value.as<at::Tensor>();
    else
      e.number = value.as_double();
  }
}

}  // namespace cairn::detail
