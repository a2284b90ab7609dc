#include "trainer/loader.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cairn {

using checkpoint::Dict;
using checkpoint::Error;
using checkpoint::ErrorCode;
using checkpoint::Value;

std::int64_t LoaderState::batches() const {
  return drop_last ? dataset_size / batch_size : (dataset_size + batch_size - 1) / batch_size;
}

std::vector<std::int64_t> LoaderState::indices(std::int64_t batch) const {
  const std::int64_t begin = batch * batch_size;
  const std::int64_t end = std::min(begin + batch_size, dataset_size);
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(std::max<std::int64_t>(end - begin, 0)));
  if (!shuffle) {
    for (std::int64_t i = begin; i < end; ++i) out.push_back(i);
    return out;
  }
  const Permutation order(static_cast<std::uint64_t>(dataset_size),
                          mix(seed, static_cast<std::uint64_t>(epoch)));
  for (std::int64_t i = begin; i < end; ++i)
    out.push_back(static_cast<std::int64_t>(order(static_cast<std::uint64_t>(i))));
  return out;
}

Value LoaderState::to_value() const {
  // Python's ints are signed: the seed keeps its bits.
  return Dict{{"seed", static_cast<std::int64_t>(seed)},
              {"epoch", epoch},
              {"next_batch", next_batch},
              {"batch_size", batch_size},
              {"dataset_size", dataset_size},
              {"shuffle", shuffle},
              {"drop_last", drop_last}};
}

LoaderState LoaderState::from_value(const Value& value) {
  return {.seed = static_cast<std::uint64_t>(value.at("seed").as_int()),
          .epoch = value.at("epoch").as_int(),
          .next_batch = value.at("next_batch").as_int(),
          .batch_size = value.at("batch_size").as_int(),
          .dataset_size = value.at("dataset_size").as_int(),
          .shuffle = value.at("shuffle").as_bool(),
          .drop_last = value.at("drop_last").as_bool()};
}

void LoaderState::check(std::int64_t prefetch) const {
  if (batch_size < 1)
    throw std::invalid_argument("Loader: batch_size must be at least 1, not " +
                                std::to_string(batch_size));
  if (prefetch < 0) throw std::invalid_argument("Loader: prefetch must not be negative");
  if (dataset_size < 0) throw std::invalid_argument("Loader: the dataset's size is negative");
}

void LoaderState::check_same_batches(const LoaderState& saved) const {
  if (saved.next_batch == 0) return;
  const auto compare = [](const char* name, std::int64_t now, std::int64_t then) {
    if (now == then) return;
    throw Error(ErrorCode::mismatch,
                std::string("the checkpoint is from the middle of an epoch, and the loader's ") +
                    name + " is " + std::to_string(now) + " where it was " + std::to_string(then) +
                    ": the rest of the epoch would be other batches");
  };
  compare("batch_size", batch_size, saved.batch_size);
  compare("dataset size", dataset_size, saved.dataset_size);
  compare("shuffle", shuffle, saved.shuffle);
  compare("drop_last", drop_last, saved.drop_last);
}

}  // namespace cairn
