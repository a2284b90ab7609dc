// XML API: multipart uploads. https://cloud.google.com/storage/docs/multipart-uploads
#include <algorithm>

#include <pugixml.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::int64_t kMostParts = 10'000;

Reply xml_reply(const std::string& root, const std::string& content) {
  return {
      .headers = {{"Content-Type", "application/xml; charset=UTF-8"}},
      .body = "<?xml version='1.0' encoding='UTF-8'?><" + root + ">" + content + "</" + root + ">"};
}

std::string element(const std::string& name, std::string_view text) {
  return "<" + name + ">" + escape_xml(text) + "</" + name + ">";
}

Refused no_such_upload() {
  return {.status = 404,
          .reason = "notFound",
          .code = "NoSuchUpload",
          .message = "The requested upload was not found."};
}

PartedUpload& require_upload(State& state, const Call& call) {
  const auto found = state.uploads.find(call.http.parameter("uploadId"));
  if (found == state.uploads.end() || found->second.name != call.object) throw no_such_upload();
  return found->second;
}

/// No request of a multipart upload can have one.
void refuse_conditions(State& state, const Call& call) {
  if (read_xml_conditions(call).any()) {
    violate(state, "a precondition in a request of an XML multipart upload");
  }
}

bool same_etag(std::string given, const std::string& etag) {
  if (!given.starts_with('"')) given = "\"" + given + "\"";
  return given == etag;
}

/// The listed parts in rising order, each with the ETag that it was given.
std::string assemble(const State& state, const Call& call, const PartedUpload& upload) {
  pugi::xml_document document;
  const auto parsed = document.load_buffer(call.http.body.data(), call.http.body.size());
  const pugi::xml_node root = document.child("CompleteMultipartUpload");
  if (!parsed || !root.child("Part")) {
    throw Refused{.status = 400, .code = "MalformedXML", .message = "The XML is not well-formed."};
  }
  std::string bytes;
  int last = 0;
  for (const pugi::xml_node& node : root.children("Part")) {
    const int number = node.child("PartNumber").text().as_int();
    const auto part = upload.parts.find(number);
    if (part == upload.parts.end() ||
        !same_etag(node.child("ETag").text().get(), part->second.etag)) {
      throw Refused{.status = 400,
                    .code = "InvalidPart",
                    .message = "One or more of the specified parts could not be found."};
    }
    if (number <= last) {
      throw Refused{.status = 400,
                    .code = "InvalidPartOrder",
                    .message = "The list of parts was not in ascending order."};
    }
    if (node.next_sibling("Part") && part->second.bytes.size() < state.options.min_part) {
      throw Refused{.status = 400,
                    .code = "EntityTooSmall",
                    .message = "A part is smaller than the minimum allowed part size."};
    }
    bytes += part->second.bytes;
    last = number;
  }
  return bytes;
}

}  // namespace

/// https://cloud.google.com/storage/docs/xml-api/post-object-multipart
Reply start_xml_upload(State& state, const Call& call) {
  refuse_conditions(state, call);
  check_name(state, call.object);
  if (!call.http.body.empty()) violate(state, "a multipart upload starts with a body");
  const std::string id = "upload-" + std::to_string(state.next_id++);
  state.uploads[id] = {.name = call.object, .described = read_xml_description(call)};
  return xml_reply(
      "InitiateMultipartUploadResult",
      element("Bucket", call.bucket) + element("Key", call.object) + element("UploadId", id));
}

/// https://cloud.google.com/storage/docs/xml-api/put-object-multipart
Reply put_xml_part(State& state, const Call& call) {
  refuse_conditions(state, call);
  PartedUpload& upload = require_upload(state, call);
  if (upload.completed) throw no_such_upload();
  const std::int64_t number = read_number("partNumber", call.http.parameter("partNumber"));
  if (number < 1 || number > kMostParts) throw invalid("Part number must be 1 to 10000.");
  check_hashes(call, call.http.body);
  const Part part{.bytes = call.http.body, .etag = "\"" + hex(md5(call.http.body)) + "\""};
  Reply reply{.headers = {{"ETag", part.etag},
                          {"x-goog-hash", "crc32c=" + checksum("crc32c", part.bytes)},
                          {"x-goog-hash", "md5=" + base64(md5(part.bytes))}}};
  upload.parts[static_cast<int>(number)] = part;
  return reply;
}

/// https://cloud.google.com/storage/docs/xml-api/post-object-complete: a CRC32C, no MD5, and an
/// ETag that is not one. The answer names no generation.
Reply complete_xml_upload(State& state, const Call& call) {
  refuse_conditions(state, call);
  PartedUpload& upload = require_upload(state, call);
  if (!upload.completed) {
    Object object = make_object(assemble(state, call, upload), upload.described);
    object.has_md5 = false;
    const Object& stored = state.bucket.put(call.object, std::move(object), state.now);
    upload.parts.clear();
    upload.completed =
        element("Location", call.origin + "/" + call.bucket + "/" + encode(call.object, "/")) +
        element("Bucket", call.bucket) + element("Key", call.object) +
        element("ETag", stored.xml_etag());
  } else if (!state.options.completes_twice) {
    throw no_such_upload();
  }
  return xml_reply("CompleteMultipartUploadResult", *upload.completed);
}

/// https://cloud.google.com/storage/docs/xml-api/delete-multipart
Reply abort_xml_upload(State& state, const Call& call) {
  refuse_conditions(state, call);
  if (require_upload(state, call).completed) throw no_such_upload();
  state.uploads.erase(call.http.parameter("uploadId"));
  return {.status = 204};
}

/// https://cloud.google.com/storage/docs/xml-api/get-object-multipart
Reply list_xml_parts(State& state, const Call& call) {
  const PartedUpload& upload = require_upload(state, call);
  if (upload.completed) throw no_such_upload();
  std::string content = element("Bucket", call.bucket) + element("Key", call.object) +
                        element("UploadId", call.http.parameter("uploadId")) +
                        element("IsTruncated", "false");
  for (const auto& [number, part] : upload.parts) {
    content += "<Part>" + element("PartNumber", std::to_string(number)) +
               element("ETag", part.etag) + element("Size", std::to_string(part.bytes.size())) +
               "</Part>";
  }
  return xml_reply("ListPartsResult", content);
}

/// https://cloud.google.com/storage/docs/xml-api/get-bucket-uploads: by name, then by id.
Reply list_xml_uploads(State& state, const Call& call) {
  const std::string prefix = call.http.parameter("prefix");
  const std::pair after{call.http.parameter("key-marker"), call.http.parameter("upload-id-marker")};
  std::size_t limit = state.options.page;
  if (call.http.asks("max-uploads")) {
    limit =
        static_cast<std::size_t>(read_number("max-uploads", call.http.parameter("max-uploads")));
  }
  std::map<std::pair<std::string, std::string>, const PartedUpload*> sorted;
  for (const auto& [id, upload] : state.uploads) {
    if (!upload.completed && upload.name.starts_with(prefix)) sorted[{upload.name, id}] = &upload;
  }
  std::string content = element("Bucket", call.bucket);
  std::string last_name;
  std::string last_id;
  std::size_t count = 0;
  bool more = false;
  for (const auto& [key, upload] : sorted) {
    const auto& [name, id] = key;
    if (after.second.empty() ? name <= after.first : key <= after) continue;
    more = count == limit;
    if (more) break;
    content += "<Upload>" + element("Key", name) + element("UploadId", id) + "</Upload>";
    last_name = name;
    last_id = id;
    ++count;
  }
  content += element("IsTruncated", more ? "true" : "false");
  if (more) content += element("NextKeyMarker", last_name) + element("NextUploadIdMarker", last_id);
  return xml_reply("ListMultipartUploadsResult", content);
}

}  // namespace cairn::test::sim::gcs
