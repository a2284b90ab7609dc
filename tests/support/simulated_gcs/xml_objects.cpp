// XML API: objects in one request. https://cloud.google.com/storage/docs/xml-api/overview
#include <utility>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::string_view kCustom = "x-goog-meta-";

/// Generations and hashes, in the headers of each answer that is about an object.
void add_object_headers(Reply& reply, const Object& object) {
  reply.set("ETag", object.xml_etag());
  reply.set("x-goog-generation", std::to_string(object.generation));
  reply.set("x-goog-metageneration", std::to_string(object.metageneration));
  reply.set("x-goog-hash", "crc32c=" + object.crc32c());
  if (object.has_md5) reply.headers.emplace_back("x-goog-hash", "md5=" + object.md5_hash());
}

/// "bucket/object" or "/bucket/object", encoded.
const Object& copy_source(State& state, const Call& call) {
  std::string text = decode(call.http.header("x-goog-copy-source"));
  if (text.starts_with('/')) text.erase(0, 1);
  const std::size_t slash = text.find('/');
  if (slash == text.npos || text.substr(0, slash) != state.options.bucket) {
    throw no_such_object("another bucket", text);
  }
  const Object& object = require_object(state, text.substr(slash + 1),
                                        call.http.header("x-goog-copy-source-generation"));
  Conditions conditions;
  const std::string match = call.http.header("x-goog-copy-source-if-generation-match");
  if (!match.empty()) {
    conditions.generation = read_number("x-goog-copy-source-if-generation-match", match);
  }
  require(conditions, &object);
  return object;
}

}  // namespace

Description read_xml_description(const Call& call) {
  Description described;
  const auto read = [&](const char* header, std::string& into) {
    if (call.http.has(header)) into = call.http.header(header);
  };
  read("content-type", described.content_type);
  read("content-encoding", described.content_encoding);
  read("content-disposition", described.content_disposition);
  read("content-language", described.content_language);
  read("cache-control", described.cache_control);
  read("x-goog-storage-class", described.storage_class);
  for (const auto& [name, value] : call.http.headers) {
    if (name.starts_with(kCustom)) described.metadata[name.substr(kCustom.size())] = value;
  }
  return described;
}

/// https://cloud.google.com/storage/docs/xml-api/get-object-download and …/head-object
Reply get_xml_object(State& state, const Call& call) {
  const Object& object = require_object(state, call.object, call.http.parameter("generation"));
  require(read_xml_conditions(call), &object);
  Reply reply = media_reply(call, object);
  reply.set("ETag", object.xml_etag());
  for (const auto& [name, value] : object.described.metadata) {
    reply.set(std::string(kCustom) + name, value);
  }
  return reply;
}

/// https://cloud.google.com/storage/docs/xml-api/put-object-upload
Reply put_xml_object(State& state, const Call& call) {
  if (call.http.has("x-goog-copy-source")) return copy_xml_object(state, call);
  check_name(state, call.object);
  check_hashes(call, call.http.body);
  require(read_xml_conditions(call), state.bucket.find(call.object));
  const Object& stored = state.bucket.put(
      call.object, make_object(call.http.body, read_xml_description(call)), state.now);
  Reply reply;
  add_object_headers(reply, stored);
  return reply;
}

/// https://cloud.google.com/storage/docs/xml-api/put-object-copy: the metadata is copied unless
/// x-goog-metadata-directive says REPLACE.
Reply copy_xml_object(State& state, const Call& call) {
  check_name(state, call.object);
  if (!call.http.body.empty()) violate(state, "a copy with a body");
  const Object& source = copy_source(state, call);
  require(read_xml_conditions(call), state.bucket.find(call.object));
  Object copy{.bytes = source.bytes,
              .has_md5 = source.has_md5,
              .components = source.components,
              .described = source.described};
  const std::string directive = call.http.header("x-goog-metadata-directive");
  if (directive == "REPLACE") {
    copy.described = read_xml_description(call);
  } else if (!directive.empty() && directive != "COPY") {
    throw invalid("x-goog-metadata-directive: " + directive);
  }
  const Object& stored = state.bucket.put(call.object, std::move(copy), state.now);
  Reply reply{.headers = {{"Content-Type", "application/xml; charset=UTF-8"}},
              .body = "<?xml version='1.0' encoding='UTF-8'?><CopyObjectResult><ETag>" +
                      escape_xml(stored.xml_etag()) + "</ETag></CopyObjectResult>"};
  add_object_headers(reply, stored);
  return reply;
}

/// https://cloud.google.com/storage/docs/xml-api/delete-object
Reply delete_xml_object(State& state, const Call& call) {
  const Object& object = require_object(state, call.object, call.http.parameter("generation"));
  require(read_xml_conditions(call), &object);
  state.bucket.remove(call.object);
  return {.status = 204};
}

}  // namespace cairn::test::sim::gcs
