// The object resource of the JSON API, as it is written and read.
// https://cloud.google.com/storage/docs/json_api/v1/objects#resource
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json resource(const State& state, const std::string& name, const Object& object);

/// What a request says of an object that it makes or changes.
struct Metadata {
  std::string name{};
  Description described{};
  std::string crc32c{};
  std::string md5{};
};

/// `before`: what stays where the text is silent; null takes a value away (patch semantics).
/// Unknown members are refused.
[[nodiscard]] Metadata read_metadata(State& state, const Json& document, Description before = {});
/// Refuses what is no JSON object.
[[nodiscard]] Json read_document(const std::string& text);

/// The document, cut down to what the parameter `fields` selects.
[[nodiscard]] Reply json_reply(const Call& call, const Json& document);

}  // namespace cairn::test::sim::gcs
