// Batches in an order that is a function of (seed, epoch, position), so that a run can go on at any
// of them.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "checkpoint/format/value.hpp"
#include "trainer/batch.hpp"
#include "trainer/permutation.hpp"
#include "trainer/prefetcher.hpp"
#include "vfs/export.hpp"

namespace cairn {

/// Random-access samples. `fetch` collates a whole batch at once. With LoaderOptions::prefetch it
/// runs on another thread, one call at a time. A dataset that draws random numbers (augmentation)
/// takes a seed, a function of (seed, epoch, batch), and none of torch's generator:
///   Batch fetch(std::span<const std::int64_t> indices, std::uint64_t seed) const;
template <class D>
concept Dataset = requires(const D& dataset, std::span<const std::int64_t> indices) {
  { dataset.size() } -> std::convertible_to<std::int64_t>;
} && (requires(const D& dataset, std::span<const std::int64_t> indices) { { dataset.fetch(indices) } -> BatchType; } ||
      requires(const D& dataset, std::span<const std::int64_t> indices) { { dataset.fetch(indices, std::uint64_t{}) } -> BatchType; });

struct LoaderOptions {
  std::int64_t batch_size{1};
  bool shuffle{false};
  bool drop_last{false};                ///< leave out a last batch that is not full
  std::int64_t prefetch{0};             ///< batches made ahead on a background thread
  std::optional<std::uint64_t> seed{};  ///< of the shuffle; unset: the Trainer's seed
};

/// Everything that the order depends on, and the next batch. Counts what was delivered, not what
/// was prefetched.
struct CAIRN_API LoaderState {
  std::uint64_t seed{0};
  std::int64_t epoch{0};
  std::int64_t next_batch{0};
  std::int64_t batch_size{1};
  std::int64_t dataset_size{0};
  bool shuffle{false};
  bool drop_last{false};

  [[nodiscard]] std::int64_t batches() const;
  /// The samples of batch number `batch` of the epoch.
  [[nodiscard]] std::vector<std::int64_t> indices(std::int64_t batch) const;
  [[nodiscard]] checkpoint::Value to_value() const;
  [[nodiscard]] static LoaderState from_value(const checkpoint::Value& value);
  void check(std::int64_t prefetch) const;                  ///< throws std::invalid_argument
  void check_same_batches(const LoaderState& saved) const;  ///< throws checkpoint::Error(mismatch)
};

/// Usable without a Trainer:  loader.seek(epoch, 0);  while (auto batch = loader.next()) { … }
/// Not thread-safe. Exceptions of the dataset come out of next().
template <Dataset D>
class Loader {
 public:
  using BatchT = decltype([](const D& d, std::span<const std::int64_t> i) {
    if constexpr (requires { d.fetch(i); })
      return d.fetch(i);
    else
      return d.fetch(i, std::uint64_t{});
  }(std::declval<const D&>(), {}));

  explicit Loader(D dataset, LoaderOptions options = {})
      : Loader(std::make_shared<const D>(std::move(dataset)), options) {}
  /// Shares the dataset.
  explicit Loader(std::shared_ptr<const D> dataset, LoaderOptions options = {})
      : dataset_(std::move(dataset)), options_(options) {
    state_ = {.seed = options.seed.value_or(0),
              .batch_size = options.batch_size,
              .dataset_size = static_cast<std::int64_t>(dataset_->size()),
              .shuffle = options.shuffle,
              .drop_last = options.drop_last};
    state_.check(options.prefetch);
  }

  [[nodiscard]] std::int64_t size() const { return state_.batches(); }  ///< batches of an epoch
  [[nodiscard]] const D& dataset() const { return *dataset_; }

  /// The next batch, or nothing at the end of the epoch.
  [[nodiscard]] std::optional<BatchT> next() {
    if (state_.next_batch >= size()) return std::nullopt;
    std::optional<BatchT> batch = prefetched();
    if (!batch) batch = make(*dataset_, state_, state_.next_batch);
    ++state_.next_batch;
    return batch;
  }
  /// Goes to a batch of an epoch, in O(1).
  void seek(std::int64_t epoch, std::int64_t batch) {
    prefetcher_.reset();
    state_.epoch = epoch;
    state_.next_batch = batch;
  }
  [[nodiscard]] const LoaderState& state() const noexcept { return state_; }
  /// Takes the seed and the position of a saved state. Throws checkpoint::Error(mismatch) in the
  /// middle of an epoch if the batches would be others: dataset size, batch size, shuffle or
  /// drop_last changed.
  void restore(const LoaderState& saved) {
    state_.check_same_batches(saved);
    prefetcher_.reset();
    state_.seed = saved.seed;
    state_.epoch = saved.epoch;
    state_.next_batch = saved.next_batch;
  }
  /// Called by the Trainer with its seed: counts if the options have none.
  void default_seed(std::uint64_t seed) {
    if (!options_.seed) state_.seed = seed;
  }

 private:
  static BatchT make(const D& dataset, const LoaderState& state, std::int64_t batch) {
    const std::vector<std::int64_t> indices = state.indices(batch);
    if constexpr (requires { dataset.fetch(std::span<const std::int64_t>(indices)); }) {
      return dataset.fetch(std::span<const std::int64_t>(indices));
    } else {
      return dataset.fetch(std::span<const std::int64_t>(indices),
                           mix(state.seed, static_cast<std::uint64_t>(state.epoch),
                               static_cast<std::uint64_t>(batch)));
    }
  }
  std::optional<BatchT> prefetched() {
    if (options_.prefetch == 0) return std::nullopt;
    if (!prefetcher_) {
      prefetcher_ = std::make_unique<detail::Prefetcher<BatchT>>(
          options_.prefetch, state_.next_batch, size(),
          [dataset = dataset_, state = state_](std::int64_t batch) {
            return make(*dataset, state, batch);
          });
    }
    return prefetcher_->next();
  }

  std::shared_ptr<const D> dataset_;
  LoaderOptions options_;
  LoaderState state_;
  std::unique_ptr<detail::Prefetcher<BatchT>> prefetcher_;
};

}  // namespace cairn
