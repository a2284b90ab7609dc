// Multipart uploads.
#include <charconv>

#include <pugixml.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_s3/server.hpp"

namespace cairn::test::sim::s3 {
namespace {

int read_int(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

Reply complete_reply(const std::string& etag) {
  return {.body = "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>" +
                  escape_xml(etag) + "</ETag></CompleteMultipartUploadResult>"};
}

}  // namespace

Upload* Server::open_upload(const Call& request) {
  const auto found = uploads_.find(request.parameter("uploadId"));
  if (found == uploads_.end() || found->second.key != request.key) return nullptr;
  return &found->second;
}

Reply Server::create_upload(const Call& request) {
  Upload upload{.key = request.key};
  const std::string algorithm = request.header("x-amz-checksum-algorithm");
  for (const char* known : {"crc32", "crc32c", "crc64nvme"}) {
    if (algorithm == upper(known)) upload.algorithm = known;
  }
  if (!algorithm.empty() && upload.algorithm.empty()) return error_reply(400, "InvalidRequest");
  describe(request, upload.described);
  const std::string id = "upload-" + std::to_string(next_upload_++);
  uploads_.emplace(id, std::move(upload));
  return {.body = "<InitiateMultipartUploadResult><UploadId>" + id +
                  "</UploadId></InitiateMultipartUploadResult>"};
}

Reply Server::put_part(const Call& request) {
  Upload* upload = open_upload(request);
  if (upload == nullptr || !upload->completed.empty()) return error_reply(404, "NoSuchUpload");
  const int number = read_int(request.parameter("partNumber"));
  if (number < 1 || number > 10'000) return error_reply(400, "InvalidArgument");
  const std::string algorithm = sent_algorithm(request);
  if (algorithm != upload->algorithm) return error_reply(400, "InvalidRequest");
  if (auto refusal = refuse_damaged(request)) return *std::move(refusal);
  Part part{.bytes = request.body,
            .etag = "\"" + hex(md5(request.body)) + "\"",
            .checksum = request.header("x-amz-checksum-" + algorithm)};
  Reply reply{.headers = {{"ETag", part.etag}}};
  upload->parts[number] = std::move(part);
  return reply;
}

Reply Server::copy_part(const Call& request) {
  Upload* upload = open_upload(request);
  if (upload == nullptr || !upload->completed.empty()) return error_reply(404, "NoSuchUpload");
  Reply refusal;
  const Object* source = copy_source(request, refusal);
  if (source == nullptr) return refusal;
  const std::string range = request.header("x-amz-copy-source-range");
  const std::size_t dash = range.find('-');
  if (!range.starts_with("bytes=") || dash == range.npos)
    return error_reply(400, "InvalidArgument");
  const auto first = static_cast<std::size_t>(read_int(range.substr(6, dash - 6)));
  const auto last = static_cast<std::size_t>(read_int(range.substr(dash + 1)));
  // Unlike a GET's, this range must lie within the source.
  if (first > last || last >= source->bytes->size()) return error_reply(400, "InvalidRange");
  Part part{.bytes = source->bytes->substr(first, last - first + 1)};
  part.etag = "\"" + hex(md5(part.bytes)) + "\"";
  if (!upload->algorithm.empty()) part.checksum = checksum(upload->algorithm, part.bytes);
  Reply reply{.body =
                  "<CopyPartResult><ETag>" + escape_xml(part.etag) + "</ETag></CopyPartResult>"};
  upload->parts[read_int(request.parameter("partNumber"))] = std::move(part);
  return reply;
}

/// Each part must be listed in order with the etag that it was given and, where an algorithm was
/// chosen, with its checksum: MinIO and versitygw refuse a Complete without.
std::optional<Reply> Server::assemble(const Call& request, Upload& upload, std::string& bytes,
                                      std::string& digests) const {
  pugi::xml_document document;
  if (!document.load_buffer(request.body.data(), request.body.size())) {
    return error_reply(400, "MalformedXML");
  }
  const pugi::xml_node root = document.child("CompleteMultipartUpload");
  const std::string field = "Checksum" + upper(upload.algorithm);
  int before = 0;
  for (pugi::xml_node node = root.child("Part"); node; node = node.next_sibling("Part")) {
    const int number = node.child("PartNumber").text().as_int();
    if (number <= before) return error_reply(400, "InvalidPartOrder");
    before = number;
    const auto part = upload.parts.find(number);
    if (part == upload.parts.end() || part->second.etag != node.child("ETag").text().get()) {
      return error_reply(400, "InvalidPart");
    }
    if (!upload.algorithm.empty() &&
        part->second.checksum != node.child(field.c_str()).text().get()) {
      return error_reply(400, "InvalidPart");
    }
    const bool last = !node.next_sibling("Part");
    if (!last && part->second.bytes.size() < options_.min_part) {
      return error_reply(400, "EntityTooSmall");
    }
    bytes += part->second.bytes;
    digests += md5(part->second.bytes);
  }
  if (before == 0) return error_reply(400, "MalformedXML");
  return {};
}

Reply Server::complete(const Call& request) {
  Upload* upload = open_upload(request);
  if (upload == nullptr) return error_reply(404, "NoSuchUpload");
  if (!upload->completed.empty()) {
    if (!options_.completes_twice) return error_reply(404, "NoSuchUpload");
    return complete_reply(upload->completed);
  }
  std::string bytes;
  std::string digests;
  if (auto refusal = assemble(request, *upload, bytes, digests)) return *std::move(refusal);
  if (request.has("x-amz-mp-object-size") &&
      request.header("x-amz-mp-object-size") != std::to_string(bytes.size())) {
    return error_reply(400, "InvalidRequest");
  }
  const std::string algorithm = upload->algorithm.empty() ? "crc64nvme" : upload->algorithm;
  Object object = make_object(bytes, now_, algorithm);
  const std::string sent = sent_algorithm(request);
  if (!sent.empty() &&
      (sent != algorithm || request.header("x-amz-checksum-" + sent) != object.checksum->value)) {
    return error_reply(400, "BadDigest");
  }
  if (auto refusal = refuse_condition(request)) return *std::move(refusal);
  object.content_type = upload->described.content_type;
  object.metadata = upload->described.metadata;
  object.etag = "\"" + hex(md5(digests)) + "-" + std::to_string(digests.size() / 16) + "\"";
  upload->completed = object.etag;
  upload->parts.clear();
  put(request.key, std::move(object));
  return complete_reply(upload->completed);
}

}  // namespace cairn::test::sim::s3
