// JSON API: buckets get; objects get, patch, delete.
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/resource.hpp"
#include "tests/support/simulated_gcs/state.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {

/// https://cloud.google.com/storage/docs/json_api/v1/buckets/get
Reply get_bucket(State& state, const Call& call) {
  return json_reply(call, {{"kind", "storage#bucket"},
                           {"id", state.options.bucket},
                           {"name", state.options.bucket},
                           {"location", "EU"},
                           {"locationType", "multi-region"},
                           {"storageClass", "STANDARD"},
                           {"metageneration", "1"}});
}

/// https://cloud.google.com/storage/docs/json_api/v1/objects/get
Reply get_object(State& state, const Call& call) {
  const Object& object = require_object(state, call.object, call.http.parameter("generation"));
  require(read_conditions(call), &object);
  const std::string alt = call.http.parameter("alt");
  if (alt == "media") {
    // Decompressive transcoding makes ranges and checksums meaningless; clients turn it off
    // (https://cloud.google.com/storage/docs/transcoding#decompressive_transcoding).
    if (object.described.content_encoding == "gzip" &&
        call.http.header("accept-encoding").find("gzip") == std::string::npos) {
      violate(state, "a gzip object is read without Accept-Encoding: gzip");
    }
    return media_reply(call, object);
  }
  if (!alt.empty() && alt != "json") throw invalid("Invalid value for alt: " + alt);
  if (call.http.has("range")) violate(state, "a Range without alt=media");
  return json_reply(call, resource(state, call.object, object));
}

/// https://cloud.google.com/storage/docs/json_api/v1/objects/patch
Reply patch_object(State& state, const Call& call) {
  const Object& object = require_object(state, call.object, call.http.parameter("generation"));
  require(read_conditions(call), &object);
  Metadata metadata = read_metadata(state, read_document(call.http.body), object.described);
  const Object& changed =
      state.bucket.describe(call.object, std::move(metadata.described), state.now);
  return json_reply(call, resource(state, call.object, changed));
}

/// https://cloud.google.com/storage/docs/json_api/v1/objects/delete: an empty body, and 404 if
/// there is no such object.
Reply delete_object(State& state, const Call& call) {
  const Object& object = require_object(state, call.object, call.http.parameter("generation"));
  require(read_conditions(call), &object);
  state.bucket.remove(call.object);
  return {.status = 204};
}

}  // namespace cairn::test::sim::gcs
