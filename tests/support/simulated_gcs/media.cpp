// Bytes in and out: objects insert in one request, and the content of an object.
#include <algorithm>
#include <charconv>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/resource.hpp"
#include "tests/support/simulated_gcs/state.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

struct Range {
  std::size_t first{0};
  std::size_t last{0};
};

std::size_t digits(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "bytes=a-b", "bytes=a-" and "bytes=-n"; an end beyond the object is clamped (RFC 9110 14.1.2).
std::optional<Range> read_range(std::string_view text, std::size_t size) {
  if (!text.starts_with("bytes=")) return {};
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return {};
  if (dash == 0) {
    const std::size_t count = std::min(digits(text.substr(1)), size);
    return count == 0 ? std::nullopt : std::optional(Range{size - count, size - 1});
  }
  const std::size_t first = digits(text.substr(0, dash));
  const std::string_view end = text.substr(dash + 1);
  if (first >= size) return {};
  return Range{first, end.empty() ? size - 1 : std::min(digits(end), size - 1)};
}

struct Upload {
  std::string name{};
  Metadata metadata{};
  std::string bytes{};
};

/// The name stands in the query or in the metadata; in both it must be the same.
std::string agreed_name(const Call& call, const std::string& in_metadata) {
  const std::string in_query = call.http.parameter("name");
  if (!in_query.empty() && !in_metadata.empty() && in_query != in_metadata) {
    throw invalid("Value '" + in_metadata + "' in content does not agree with value '" + in_query +
                  "'.");
  }
  return in_query.empty() ? in_metadata : in_query;
}

/// https://cloud.google.com/storage/docs/uploading-objects#rest-upload-objects
Upload read_media(const Call& call) {
  Upload upload{.name = call.http.parameter("name"), .bytes = call.http.body};
  if (call.http.has("content-type")) {
    upload.metadata.described.content_type = call.http.header("content-type");
  }
  upload.metadata.described.content_encoding = call.http.parameter("contentEncoding");
  return upload;
}

/// A metadata part and a media part, in this order
/// (https://cloud.google.com/storage/docs/uploading-objects#uploading-an-object).
Upload read_related(State& state, const Call& call) {
  const std::string type = call.http.header("content-type");
  if (!type.starts_with("multipart/related;")) {
    violate(state, "uploadType=multipart with the type " + type);
  }
  const auto parts = read_parts(type, call.http.body);
  if (!parts || parts->size() != 2) violate(state, "a multipart body without two parts");
  const BodyPart& described = parts->front();
  const auto type_of = [](const BodyPart& part) {
    const auto found = part.headers.find("content-type");
    return found == part.headers.end() ? std::string{} : found->second;
  };
  if (!lower(type_of(described)).starts_with("application/json")) {
    violate(state, "the first part of a multipart body is no application/json");
  }
  const Json document = read_document(described.body);
  Upload upload{.metadata = read_metadata(state, document), .bytes = parts->back().body};
  upload.name = agreed_name(call, upload.metadata.name);
  if (!document.contains("contentType") && !type_of(parts->back()).empty()) {
    upload.metadata.described.content_type = type_of(parts->back());
  }
  return upload;
}

}  // namespace

/// https://cloud.google.com/storage/docs/json_api/v1/objects/insert
Reply insert_object(State& state, const Call& call) {
  const std::string type = call.http.parameter("uploadType");
  if (type == "resumable") return start_session(state, call);
  if (type != "media" && type != "multipart") violate(state, "uploadType=" + type);
  Upload upload = type == "media" ? read_media(call) : read_related(state, call);
  check_name(state, upload.name);
  Object object = make_object(upload.bytes, std::move(upload.metadata.described));
  check_hash("CRC32C", upload.metadata.crc32c, object.crc32c());
  check_hash("MD5 hash", upload.metadata.md5, object.md5_hash());
  require(read_conditions(call), state.bucket.find(upload.name));
  const Object& stored = state.bucket.put(upload.name, std::move(object), state.now);
  return json_reply(call, resource(state, upload.name, stored));
}

/// https://cloud.google.com/storage/docs/xml-api/reference-headers; the JSON API's downloads have
/// the same ones. x-goog-hash is that of the whole object, also with a range.
Reply media_reply(const Call& call, const Object& object) {
  const std::string size = std::to_string(object.bytes->size());
  const std::string& encoding = object.described.content_encoding;
  Reply reply{
      .headers = {{"Content-Type", object.described.content_type},
                  {"Last-Modified", http_date(object.updated)},
                  {"x-goog-generation", std::to_string(object.generation)},
                  {"x-goog-metageneration", std::to_string(object.metageneration)},
                  {"x-goog-hash", "crc32c=" + object.crc32c()},
                  {"x-goog-storage-class", object.described.storage_class},
                  {"x-goog-stored-content-encoding", encoding.empty() ? "identity" : encoding},
                  {"x-goog-stored-content-length", size},
                  {"Accept-Ranges", "bytes"}}};
  if (object.has_md5) reply.headers.emplace_back("x-goog-hash", "md5=" + object.md5_hash());
  if (!encoding.empty()) reply.set("Content-Encoding", encoding);
  if (!object.described.cache_control.empty()) {
    reply.set("Cache-Control", object.described.cache_control);
  }
  if (!call.http.has("range")) {
    reply.set("Content-Length", size);
    if (call.http.method == "GET") reply.body = *object.bytes;
    return reply;
  }
  const auto range = read_range(call.http.header("range"), object.bytes->size());
  if (!range) {
    throw Refused{.status = 416,
                  .reason = "requestedRangeNotSatisfiable",
                  .code = "InvalidRange",
                  .message = "Request range not satisfiable"};
  }
  const std::size_t count = range->last - range->first + 1;
  reply.status = 206;
  reply.set("Content-Length", std::to_string(count));
  reply.set("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                 std::to_string(range->last) + "/" + size);
  if (call.http.method == "GET") reply.body = object.bytes->substr(range->first, count);
  return reply;
}

}  // namespace cairn::test::sim::gcs
