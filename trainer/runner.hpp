// How the loops see a module, its data and their batch type: three types that they need not know.
// Included by trainer.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <ATen/core/Tensor.h>

#include "trainer/batch.hpp"
#include "trainer/loader.hpp"
#include "trainer/step.hpp"
#include "vfs/export.hpp"

namespace cairn::detail {

/// The batches of one loader and what is done with each.
class CAIRN_API Runner {
 public:
  virtual ~Runner() = default;
  [[nodiscard]] virtual std::optional<std::int64_t> size()
      const = 0;  ///< batches of an epoch, where it is known
  virtual void default_seed(std::uint64_t seed) = 0;
  virtual void seek(std::int64_t epoch, std::int64_t batch) = 0;
  virtual bool fetch(
      c10::Device device) = 0;  ///< the next batch, moved to the device; false: the epoch is over
  [[nodiscard]] virtual bool is_last() const = 0;  ///< where the size is not known before
  virtual at::Tensor step(
      Step& step) = 0;  ///< with the fetched batch; undefined where the step returns void
  [[nodiscard]] virtual std::int64_t batch_size() const = 0;
  [[nodiscard]] virtual checkpoint::Value state() const = 0;  ///< None: the loader has none
  virtual void restore(const checkpoint::Value& state) = 0;
};

template <class T>
concept SeekableLoader = requires(T& loader) {
  loader.seek(std::int64_t{}, std::int64_t{});
  requires BatchType<std::remove_cvref_t<decltype(*loader.next())>>;
};

/// Anything with begin() and end(): a vector of batches, a torch::data loader. It is read from its
/// start in each epoch, and a resumed epoch skips what it had delivered; the order is what the
/// range makes it.
template <class R>
class RangeLoader {
 public:
  explicit RangeLoader(R range) : range_(std::move(range)) {}
  using BatchT = std::remove_cvref_t<decltype(*std::declval<R&>().begin())>;
  void seek(std::int64_t, std::int64_t batch) {
    position_.emplace(range_.begin());
    for (std::int64_t i = 0; i < batch && *position_ != range_.end(); ++i) ++*position_;
  }
  std::optional<BatchT> next() {
    if (!position_) seek(0, 0);
    if (*position_ == range_.end()) return std::nullopt;
    std::optional<BatchT> batch(**position_);
    ++*position_;
    return batch;
  }
  [[nodiscard]] auto size() const
    requires requires(const R& range) { range.size(); }
  {
    return range_.size();
  }

 private:
  R range_;
  std::optional<decltype(std::declval<R&>().begin())> position_;
};

template <class L>
auto as_loader(L loader) {
  if constexpr (SeekableLoader<L>) {
    return loader;
  } else {
    return RangeLoader<L>(std::move(loader));
  }
}

/// The transfer hooks of a DataModule (or of a Module that brings its own data), where they are.
template <class D, class B>
B transfer(D& data, B batch, c10::Device device) {
  if constexpr (requires { data.on_before_batch_transfer(batch); })
    batch = data.on_before_batch_transfer(std::move(batch));
  if constexpr (requires { data.transfer_batch_to_device(batch, device); }) {
    batch = data.transfer_batch_to_device(std::move(batch), device);
  } else {
    batch = to_device(batch, device);
  }
  if constexpr (requires { data.on_after_batch_transfer(batch); })
    batch = data.on_after_batch_transfer(std::move(batch));
  return batch;
}

template <class L, class D, class F>
class LoaderRunner final : public Runner {
 public:
  LoaderRunner(L loader, D& data, F function)
      : loader_(std::move(loader)), data_(&data), function_(std::move(function)) {}

  [[nodiscard]] std::optional<std::int64_t> size() const override {
    if constexpr (requires { loader_.size(); }) return static_cast<std::int64_t>(loader_.size());
    return std::nullopt;
  }
  void default_seed([[maybe_unused]] std::uint64_t seed) override {
    if constexpr (requires { loader_.default_seed(seed); }) loader_.default_seed(seed);
  }
  void seek(std::int64_t epoch, std::int64_t batch) override {
    ahead_.reset();
    loader_.seek(epoch, batch);
  }
  bool fetch(c10::Device device) override {
    batch_ = ahead_ ? std::move(ahead_) : loader_.next();
    // Of unknown length: the last one is known by looking at the next.
    ahead_.reset();
    if (batch_ && !size()) ahead_ = loader_.next();
    if (batch_) batch_ = transfer(*data_, std::move(*batch_), device);
    return batch_.has_value();
  }
  [[nodiscard]] bool is_last() const override { return !size() && !ahead_; }
  at::Tensor step(Step& step) override {
    if constexpr (std::is_void_v<decltype(function_(*batch_, step))>) {
      function_(*batch_, step);
      return {};
    } else {
      return function_(*batch_, step);
    }
  }
  [[nodiscard]] std::int64_t batch_size() const override {
    using cairn::batch_size;
    return batch_ ? batch_size(*batch_) : 1;
  }
  [[nodiscard]] checkpoint::Value state() const override {
    if constexpr (requires { loader_.state().to_value(); }) return loader_.state().to_value();
    return {};
  }
  void restore([[maybe_unused]] const checkpoint::Value& state) override {
    if constexpr (requires { loader_.restore(LoaderState{}); })
      loader_.restore(LoaderState::from_value(state));
  }

 private:
  L loader_;
  D* data_;
  F function_;
  decltype(std::declval<L&>().next()) batch_;
  decltype(std::declval<L&>().next()) ahead_;
};

template <class L, class D, class F>
std::unique_ptr<Runner> make_runner(L loader, D& data, F function) {
  auto adapted = as_loader(std::move(loader));
  return std::make_unique<LoaderRunner<decltype(adapted), D, F>>(std::move(adapted), data,
                                                                 std::move(function));
}

using RunnerFactory =
    std::function<std::unique_ptr<Runner>()>;  // empty: there is no such loader or step

}  // namespace cairn::detail
