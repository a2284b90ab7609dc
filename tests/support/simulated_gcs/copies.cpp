// JSON API: new objects from those that are there: compose, rewrite and move.
#include <algorithm>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/resource.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::size_t kMostSources = 32;

struct Source {
  std::string name{};
  std::string generation{};
  Conditions conditions{};
};

std::int64_t read_long(const std::string& name, const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::int64_t>();
  return read_number(name, value.is_string() ? value.get<std::string>() : value.dump());
}

Source read_source(State& state, const Json& document) {
  Source source;
  for (const auto& [member, value] : document.items()) {
    if (member == "name" && value.is_string()) {
      source.name = value.get<std::string>();
    } else if (member == "generation") {
      source.generation = std::to_string(read_long(member, value));
    } else if (member == "objectPreconditions" && value.is_object() && value.size() == 1 &&
               value.contains("ifGenerationMatch")) {
      source.conditions.generation = read_long("ifGenerationMatch", value["ifGenerationMatch"]);
    } else {
      violate(state, "an unknown member of sourceObjects: " + member);
    }
  }
  return source;
}

std::vector<Source> read_sources(State& state, const Json& document) {
  const auto found = document.find("sourceObjects");
  if (found == document.end() || !found->is_array() || found->empty()) {
    throw invalid("You must provide at least one source component.");
  }
  if (found->size() > kMostSources) {
    throw invalid("The number of source components provided (" + std::to_string(found->size()) +
                  ") exceeds the maximum (32)");
  }
  std::vector<Source> sources;
  for (const Json& source : *found) sources.push_back(read_source(state, source));
  return sources;
}

/// The bytes of a source, and how many components it is made of.
const Object& require_source(const State& state, const Source& source) {
  const Object& object = require_object(state, source.name, source.generation);
  require(source.conditions, &object);
  return object;
}

/// The same object under another name or description; a copy of a composite object stays one.
Object copy_of(const Object& source, Description described) {
  return {.bytes = source.bytes,
          .has_md5 = source.has_md5,
          .components = source.components,
          .described = std::move(described)};
}

Json progress(const Object& source, std::size_t written, bool done) {
  return {{"kind", "storage#rewriteResponse"},
          {"totalBytesRewritten", std::to_string(written)},
          {"objectSize", std::to_string(source.bytes->size())},
          {"done", done}};
}

/// A token belongs to one source, one generation and one destination.
Rewrite& rewrite_under_way(State& state, const Call& call, const Object& source,
                           std::string& token) {
  token = call.http.parameter("rewriteToken");
  if (token.empty()) {
    token = "rewrite-" + std::to_string(state.next_id++);
    return state.rewrites[token] = {.source = call.object,
                                    .generation = source.generation,
                                    .destination = call.destination};
  }
  const auto found = state.rewrites.find(token);
  if (found == state.rewrites.end() || found->second.source != call.object ||
      found->second.destination != call.destination ||
      found->second.generation != source.generation) {
    throw invalid("Invalid rewrite token");
  }
  return found->second;
}

}  // namespace

/// https://cloud.google.com/storage/docs/json_api/v1/objects/compose. The result has a CRC32C and
/// no MD5 (https://cloud.google.com/storage/docs/composite-objects).
Reply compose(State& state, const Call& call) {
  const Json document = read_document(call.http.body);
  for (const auto& [member, value] : document.items()) {
    if (member != "kind" && member != "destination" && member != "sourceObjects") {
      violate(state, "an unknown member of a compose request: " + member);
    }
  }
  check_name(state, call.object);
  std::string bytes;
  int components = 0;
  for (const Source& source : read_sources(state, document)) {
    const Object& object = require_source(state, source);
    bytes += *object.bytes;
    components += std::max(object.components, 1);
  }
  Metadata metadata = read_metadata(state, document.value("destination", Json::object()));
  if (!metadata.name.empty() && metadata.name != call.object) {
    throw invalid("the name of the destination does not agree");
  }
  require(read_conditions(call), state.bucket.find(call.object));
  Object object = make_object(bytes, std::move(metadata.described));
  object.has_md5 = false;
  object.components = components;
  check_hash("CRC32C", metadata.crc32c, object.crc32c());
  const Object& stored = state.bucket.put(call.object, std::move(object), state.now);
  return json_reply(call, resource(state, call.object, stored));
}

/// https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite: without a body the metadata
/// is copied, with one it is the destination's.
Reply rewrite(State& state, const Call& call) {
  check_name(state, call.destination);
  if (call.http.asks("maxBytesRewrittenPerCall") &&
      read_number("maxBytesRewrittenPerCall", call.http.parameter("maxBytesRewrittenPerCall")) %
              (1 << 20) !=
          0) {
    throw invalid("maxBytesRewrittenPerCall must be a multiple of 1 MiB");
  }
  const Object& source =
      require_object(state, call.object, call.http.parameter("sourceGeneration"));
  require(read_conditions(call, "ifSource"), &source);
  require(read_conditions(call), state.bucket.find(call.destination));
  std::string token;
  Rewrite& under_way = rewrite_under_way(state, call, source, token);
  if (++under_way.calls < state.options.rewrite_calls) {
    const std::size_t size = source.bytes->size();
    Json document = progress(source,
                             size / static_cast<std::size_t>(state.options.rewrite_calls) *
                                 static_cast<std::size_t>(under_way.calls),
                             false);
    document["rewriteToken"] = token;
    return json_reply(call, document);
  }
  state.rewrites.erase(token);
  Description described = source.described;
  if (!call.http.body.empty()) {
    described = read_metadata(state, read_document(call.http.body)).described;
  }
  Json document = progress(source, source.bytes->size(), true);
  const Object& stored =
      state.bucket.put(call.destination, copy_of(source, std::move(described)), state.now);
  document["resource"] = resource(state, call.destination, stored);
  return json_reply(call, document);
}

/// https://cloud.google.com/storage/docs/json_api/v1/objects/move: atomic, within one bucket.
Reply move(State& state, const Call& call) {
  if (!state.options.has_move) {
    throw Refused{.status = 404, .reason = "notFound", .message = "Not Found"};
  }
  check_name(state, call.destination);
  if (call.object == call.destination) {
    throw invalid("The source and destination must have different object names.");
  }
  const Object& source = require_object(state, call.object);
  require(read_conditions(call, "ifSource"), &source);
  require(read_conditions(call), state.bucket.find(call.destination));
  Object moved = copy_of(source, source.described);
  state.bucket.remove(call.object);
  const Object& stored = state.bucket.put(call.destination, std::move(moved), state.now);
  return json_reply(call, resource(state, call.destination, stored));
}

}  // namespace cairn::test::sim::gcs
