#include "tests/support/simulated_gcs/resource.hpp"

#include <array>
#include <utility>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/fields.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

using Member = std::string Description::*;
constexpr std::array<std::pair<const char*, Member>, 6> kTexts{{
    {"contentType", &Description::content_type},
    {"contentEncoding", &Description::content_encoding},
    {"contentDisposition", &Description::content_disposition},
    {"contentLanguage", &Description::content_language},
    {"cacheControl", &Description::cache_control},
    {"storageClass", &Description::storage_class},
}};

std::string text_of(const std::string& name, const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) throw invalid("Invalid value for: " + name);
  return value.get<std::string>();
}

void read_custom(const Json& value, std::map<std::string, std::string>& metadata) {
  if (value.is_null()) {
    metadata.clear();
    return;
  }
  if (!value.is_object()) throw invalid("Invalid value for: metadata");
  for (const auto& [key, text] : value.items()) {
    if (text.is_null()) {
      metadata.erase(key);
    } else {
      metadata[key] = text_of("metadata." + key, text);
    }
  }
}

bool read_text(const std::string& name, const Json& value, Metadata& metadata) {
  for (const auto& [key, member] : kTexts) {
    if (name != key) continue;
    metadata.described.*member = text_of(name, value);
    return true;
  }
  return false;
}

}  // namespace

Json resource(const State& state, const std::string& name, const Object& object) {
  const std::string generation = std::to_string(object.generation);
  const std::string& bucket = state.options.bucket;
  Json document{{"kind", "storage#object"},
                {"id", bucket + "/" + name + "/" + generation},
                {"name", name},
                {"bucket", bucket},
                {"generation", generation},
                {"metageneration", std::to_string(object.metageneration)},
                {"size", std::to_string(object.bytes->size())},
                {"crc32c", object.crc32c()},
                {"etag", object.etag()},
                {"timeCreated", rfc3339(object.created)},
                {"updated", rfc3339(object.updated)}};
  if (object.has_md5) document["md5Hash"] = object.md5_hash();
  if (object.components > 0) document["componentCount"] = object.components;
  for (const auto& [key, member] : kTexts) {
    const std::string& text = object.described.*member;
    if (!text.empty()) document[key] = text;
  }
  if (!object.described.metadata.empty()) document["metadata"] = object.described.metadata;
  return document;
}

Metadata read_metadata(State& state, const Json& document, Description before) {
  Metadata metadata{.described = std::move(before)};
  for (const auto& [name, value] : document.items()) {
    if (read_text(name, value, metadata)) continue;
    if (name == "metadata") {
      read_custom(value, metadata.described.metadata);
    } else if (name == "name") {
      metadata.name = text_of(name, value);
    } else if (name == "crc32c") {
      metadata.crc32c = text_of(name, value);
    } else if (name == "md5Hash") {
      metadata.md5 = text_of(name, value);
    } else if (name != "kind" && name != "bucket") {
      violate(state, "an unknown member of the object resource: " + name);
    }
  }
  return metadata;
}

Json read_document(const std::string& text) {
  Json document = Json::parse(text, nullptr, false);
  if (document.is_object()) return document;
  throw Refused{.status = 400, .reason = "parseError", .message = "Parse Error"};
}

Reply json_reply(const Call& call, const Json& document) {
  Reply reply{.headers = {{"Content-Type", "application/json; charset=UTF-8"}}};
  reply.body = call.http.asks("fields")
                   ? select_fields(document, call.http.parameter("fields")).dump()
                   : document.dump();
  return reply;
}

}  // namespace cairn::test::sim::gcs
