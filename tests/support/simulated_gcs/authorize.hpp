// Who asks, and whether they may: bearer tokens and V4 signed URLs.
#pragma once

#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {

/// Refuses; a request that shows nothing at all is a violation as well.
void authorize(State& state, const Call& call);
[[nodiscard]] bool is_signed(const Call& call);
/// Part of the signature, not of the call.
[[nodiscard]] bool is_signature_parameter(const std::string& name);

}  // namespace cairn::test::sim::gcs
