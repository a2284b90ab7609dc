#include "tests/support/simulated_gcs/routes.hpp"

#include <algorithm>
#include <array>

#include "tests/support/simulated_gcs/authorize.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

// https://cloud.google.com/storage/docs/json_api/v1/parameters
constexpr std::string_view kJsonParameters =
    "alt fields key prettyPrint projection quotaUser userProject";
constexpr std::string_view kEveryHeader =
    "accept accept-encoding authorization connection content-length content-type date expect host "
    "user-agent x-goog-api-client x-goog-content-sha256 x-goog-gcs-idempotency-token "
    "x-goog-user-project";
constexpr std::array kConditions{"GenerationMatch", "GenerationNotMatch", "MetagenerationMatch",
                                 "MetagenerationNotMatch"};
constexpr std::string_view kXmlConditions =
    "x-goog-if-generation-match x-goog-if-metageneration-match";
constexpr std::string_view kXmlRead =
    "range x-goog-if-generation-match x-goog-if-metageneration-match";
constexpr std::string_view kXmlDescription =
    "cache-control content-disposition content-encoding content-language x-goog-meta-* "
    "x-goog-storage-class x-goog-if-generation-match x-goog-if-metageneration-match";
constexpr std::string_view kXmlPut =
    "cache-control content-disposition content-encoding content-language content-md5 "
    "x-goog-copy-source x-goog-copy-source-generation x-goog-copy-source-if-generation-match "
    "x-goog-hash x-goog-if-generation-match x-goog-if-metageneration-match x-goog-meta-* "
    "x-goog-metadata-directive x-goog-storage-class";
constexpr std::string_view kXmlPart =
    "content-md5 x-goog-hash x-goog-if-generation-match x-goog-if-metageneration-match";

// https://cloud.google.com/storage/docs/json_api/v1
constexpr std::array kJson{
    Route{.method = "GET",
          .path = "/storage/v1/b/{b}",
          .parameters = "ifMetagenerationMatch ifMetagenerationNotMatch",
          .handler = get_bucket},
    Route{.method = "GET",
          .path = "/storage/v1/b/{b}/o",
          .parameters = "delimiter endOffset includeTrailingDelimiter maxResults pageToken prefix "
                        "startOffset versions",
          .handler = list_objects},
    Route{.method = "GET",
          .path = "/storage/v1/b/{b}/o/{o}",
          .parameters = "generation",
          .conditions = true,
          .headers = "range",
          .handler = get_object},
    Route{.method = "GET",
          .path = "/download/storage/v1/b/{b}/o/{o}",
          .parameters = "generation",
          .conditions = true,
          .headers = "range",
          .handler = get_object},
    Route{.method = "PATCH",
          .path = "/storage/v1/b/{b}/o/{o}",
          .parameters = "generation",
          .conditions = true,
          .handler = patch_object},
    Route{.method = "DELETE",
          .path = "/storage/v1/b/{b}/o/{o}",
          .parameters = "generation",
          .conditions = true,
          .handler = delete_object},
    Route{.method = "POST",
          .path = "/upload/storage/v1/b/{b}/o",
          .parameters = "contentEncoding kmsKeyName name predefinedAcl uploadType",
          .conditions = true,
          .headers = "x-upload-content-length x-upload-content-type",
          .handler = insert_object},
    Route{.method = "PUT",
          .path = "/upload/storage/v1/b/{b}/o",
          .parameters = "name uploadType upload_id",
          .headers = "content-range x-goog-hash",
          .handler = put_chunk},
    Route{.method = "DELETE",
          .path = "/upload/storage/v1/b/{b}/o",
          .parameters = "name uploadType upload_id",
          .handler = cancel_session},
    Route{
        .method = "POST",
        .path = "/storage/v1/b/{b}/o/{o}/compose",
        .parameters = "destinationPredefinedAcl ifGenerationMatch ifMetagenerationMatch kmsKeyName",
        .handler = compose},
    Route{.method = "POST",
          .path = "/storage/v1/b/{b}/o/{o}/rewriteTo/b/{b}/o/{d}",
          .parameters = "destinationPredefinedAcl maxBytesRewrittenPerCall rewriteToken "
                        "sourceGeneration",
          .conditions = true,
          .source_conditions = true,
          .handler = rewrite},
    Route{.method = "POST",
          .path = "/storage/v1/b/{b}/o/{o}/moveTo/o/{d}",
          .conditions = true,
          .source_conditions = true,
          .handler = move},
};

// https://cloud.google.com/storage/docs/xml-api/reference-methods
constexpr std::array kXml{
    Route{.method = "GET",
          .path = "o",
          .parameters = "generation",
          .headers = kXmlRead,
          .handler = get_xml_object},
    Route{.method = "HEAD",
          .path = "o",
          .parameters = "generation",
          .headers = kXmlRead,
          .handler = get_xml_object},
    Route{.method = "PUT", .path = "o", .headers = kXmlPut, .handler = put_xml_object},
    Route{.method = "DELETE",
          .path = "o",
          .parameters = "generation",
          .headers = kXmlConditions,
          .handler = delete_xml_object},
    Route{.method = "POST",
          .path = "o",
          .selectors = "uploads",
          .headers = kXmlDescription,
          .handler = start_xml_upload},
    Route{.method = "PUT",
          .path = "o",
          .selectors = "partNumber uploadId",
          .headers = kXmlPart,
          .handler = put_xml_part},
    Route{.method = "POST",
          .path = "o",
          .selectors = "uploadId",
          .headers = kXmlConditions,
          .handler = complete_xml_upload},
    Route{.method = "DELETE",
          .path = "o",
          .selectors = "uploadId",
          .headers = kXmlConditions,
          .handler = abort_xml_upload},
    Route{.method = "GET", .path = "o", .selectors = "uploadId", .handler = list_xml_parts},
    Route{.method = "GET",
          .path = "b",
          .selectors = "uploads",
          .parameters = "key-marker max-uploads prefix upload-id-marker",
          .handler = list_xml_uploads},
};

std::size_t count_names(std::string_view names) {
  return names.empty() ? 0 : split(names, ' ').size();
}

bool lists(std::string_view names, std::string_view name) {
  return std::ranges::any_of(split(names, ' '), [&](const std::string& known) {
    const bool is_prefix = known.ends_with('*');
    return is_prefix ? name.starts_with(known.substr(0, known.size() - 1)) : name == known;
  });
}

/// An object's '/' is encoded, too: each name is one segment of the path.
bool match(const Route& route, Call& call) {
  const std::vector<std::string> expected = split(route.path, '/');
  const std::vector<std::string> actual = split(call.http.raw_path, '/');
  if (route.method != call.http.method || expected.size() != actual.size()) return false;
  Call found = call;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (expected[i] == "{b}") {
      found.bucket = decode(actual[i]);
    } else if (expected[i] == "{o}") {
      found.object = decode(actual[i]);
    } else if (expected[i] == "{d}") {
      found.destination = decode(actual[i]);
    } else if (expected[i] != actual[i]) {
      return false;
    }
  }
  call = std::move(found);
  return true;
}

/// "host/bucket/object" or "bucket.host/object"
/// (https://cloud.google.com/storage/docs/request-endpoints).
void read_xml_path(const State& state, Call& call) {
  std::string path = call.http.path.substr(1);
  if (call.http.host.starts_with(state.options.bucket + ".")) {
    call.bucket = state.options.bucket;
    call.object = path;
    return;
  }
  const std::size_t slash = std::min(path.find('/'), path.size());
  call.bucket = path.substr(0, slash);
  call.object = path.substr(std::min(slash + 1, path.size()));
}

const Route* find_xml_route(const State& state, Call& call) {
  read_xml_path(state, call);
  const std::string_view kind = call.object.empty() ? "b" : "o";
  const Route* best = nullptr;
  for (const Route& route : kXml) {
    if (route.method != call.http.method || route.path != kind) continue;
    const bool chosen =
        route.selectors.empty() ||
        std::ranges::all_of(split(route.selectors, ' '),
                            [&](const std::string& name) { return call.http.asks(name); });
    const bool closer =
        best == nullptr || count_names(route.selectors) > count_names(best->selectors);
    if (chosen && closer) best = &route;
  }
  return best;
}

bool knows_condition(std::string_view parameter, std::string_view prefix) {
  if (!parameter.starts_with(prefix)) return false;
  return std::ranges::find(kConditions, parameter.substr(prefix.size())) != kConditions.end();
}

bool knows_parameter(const Route& route, Api api, const std::string& name) {
  if (lists(route.parameters, name) || lists(route.selectors, name)) return true;
  if (api == Api::xml) return is_signature_parameter(name) || name == "userProject";
  return lists(kJsonParameters, name) || (route.conditions && knows_condition(name, "if")) ||
         (route.source_conditions && knows_condition(name, "ifSource"));
}

}  // namespace

Api api_of(const Call& call) {
  constexpr std::array kRoots{"/storage/v1/", "/upload/storage/v1/", "/download/storage/v1/",
                              "/batch/storage/v1"};
  const bool json = std::ranges::any_of(
      kRoots, [&](const char* root) { return call.http.raw_path.starts_with(root); });
  if (!json) return Api::xml;
  return call.http.parameter("alt") == "media" ? Api::media : Api::json;
}

const Route* find_route(const State& state, Call& call) {
  if (api_of(call) == Api::xml) return find_xml_route(state, call);
  const auto* const found =
      std::ranges::find_if(kJson, [&](const Route& route) { return match(route, call); });
  return found == kJson.end() ? nullptr : found;
}

/// https://cloud.google.com/storage/docs/request-endpoints#encoding lists what has to be encoded in
/// the segments of a path.
void check_request(State& state, const Call& call, const Route& route) {
  if (call.http.raw_path.find_first_of("!#$&'()*+,:;=?@[] ") != std::string::npos) {
    violate(state, "a character in the path that is not encoded: " + call.http.raw_path);
  }
  const Api api = api_of(call);
  for (const auto& [name, value] : call.http.query) {
    if (!knows_parameter(route, api, name)) violate(state, "an unknown parameter: " + name);
  }
  for (const auto& [name, value] : call.http.headers) {
    if (!lists(kEveryHeader, name) && !lists(route.headers, name)) {
      violate(state, "an unknown header: " + name);
    }
  }
}

}  // namespace cairn::test::sim::gcs
