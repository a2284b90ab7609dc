// The calls that the service knows: paths, parameters, headers. Everything else is refused and
// written down.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {

enum class Api { json, media, xml };

using Handler = Reply (*)(State&, const Call&);

/// Lists of names have spaces between them.
struct Route {
  std::string_view method{};
  /// "{b}", "{o}" and "{d}" stand for the names of bucket, object and destination. In the XML API
  /// it is "b" or "o": what the call is about.
  std::string_view path{};
  std::string_view selectors{};  ///< XML: the parameters that choose the call
  std::string_view parameters{};
  bool conditions{false};         ///< ifGenerationMatch and its three siblings
  bool source_conditions{false};  ///< ifSourceGenerationMatch and its three siblings
  std::string_view headers{};     ///< beside those that every request may have
  Handler handler{nullptr};
};

/// Which API, by the path alone.
[[nodiscard]] Api api_of(const Call& call);
/// Finds the call, and takes the names from the path. Null: there is none.
[[nodiscard]] const Route* find_route(const State& state, Call& call);
/// Refuses unknown parameters and headers, and what is not encoded as it has to be.
void check_request(State& state, const Call& call, const Route& route);

}  // namespace cairn::test::sim::gcs
