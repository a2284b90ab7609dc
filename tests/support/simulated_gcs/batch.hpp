// Many calls of the JSON API in one request. https://cloud.google.com/storage/docs/batch
#pragma once

#include <functional>

#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {

using Answer = std::function<Reply(const vfs::net::Request&)>;

/// At most 100 calls in less than 10 MB, no content of objects, each with a status of its own.
[[nodiscard]] Reply run_batch(State& state, const Call& call, const Answer& answer);

}  // namespace cairn::test::sim::gcs
