// The parameter `fields`: a partial response.
// https://cloud.google.com/storage/docs/json_api#partial-response
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace cairn::test::sim::gcs {

/// "kind,items(name,size),prefixes", "items/name", "*". Refuses what does not parse, and names that
/// no resource has.
[[nodiscard]] nlohmann::ordered_json select_fields(const nlohmann::ordered_json& document,
                                                   std::string_view fields);

}  // namespace cairn::test::sim::gcs
