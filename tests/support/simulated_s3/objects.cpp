// GET, HEAD, PUT and CopyObject.
#include <algorithm>
#include <charconv>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_s3/server.hpp"

namespace cairn::test::sim::s3 {
namespace {

struct Range {
  std::size_t first{0};
  std::size_t last{0};
};

/// "bytes=a-b", "bytes=a-" and "bytes=-n"; an end beyond the object is clamped (RFC 9110 14.1.2).
std::optional<Range> read_range(std::string_view text, std::size_t size) {
  if (!text.starts_with("bytes=")) return {};
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return {};
  const auto number = [](std::string_view digits) {
    std::size_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  if (dash == 0) {
    const std::size_t count = std::min(number(text.substr(1)), size);
    return count == 0 ? std::nullopt : std::optional(Range{size - count, size - 1});
  }
  const std::size_t first = number(text.substr(0, dash));
  const std::string_view end = text.substr(dash + 1);
  if (first >= size) return {};
  return Range{first, end.empty() ? size - 1 : std::min(number(end), size - 1)};
}

}  // namespace

Reply Server::get(const Call& request) const {
  const Object* object = find(request.key);
  if (object == nullptr) return error_reply(404, "NoSuchKey");
  if (request.has("if-match") && request.header("if-match") != object->etag) {
    return error_reply(412, "PreconditionFailed");
  }
  Reply reply{.headers = {{"ETag", object->etag},
                          {"Content-Type", object->content_type},
                          {"Last-Modified", http_date(object->modified)},
                          {"Accept-Ranges", "bytes"}}};
  for (const auto& [name, value] : object->metadata) reply.set(name, value);
  const std::size_t size = object->bytes->size();
  if (!request.has("range")) {
    reply.set("Content-Length", std::to_string(size));
    if (request.method == "GET") reply.body = *object->bytes;
    // Only with the whole object, and only if it is asked for.
    if (object->checksum && request.header("x-amz-checksum-mode") == "ENABLED") {
      reply.set("x-amz-checksum-" + object->checksum->algorithm, object->checksum->value);
      reply.set("x-amz-checksum-type", "FULL_OBJECT");
    }
    return reply;
  }
  const auto range = read_range(request.header("range"), size);
  if (!range) return error_reply(416, "InvalidRange");
  reply.status = 206;
  reply.body = object->bytes->substr(range->first, range->last - range->first + 1);
  reply.set("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                 std::to_string(range->last) + "/" + std::to_string(size));
  return reply;
}

Reply Server::put_object(const Call& request) {
  if (auto refusal = refuse_damaged(request)) return *std::move(refusal);
  if (auto refusal = refuse_condition(request)) return *std::move(refusal);
  const std::string algorithm = sent_algorithm(request);
  Object object = make_object(request.body, now_, algorithm.empty() ? "crc64nvme" : algorithm);
  describe(request, object);
  Reply reply{.headers = {{"ETag", object.etag}}};
  reply.set("x-amz-checksum-" + object.checksum->algorithm, object.checksum->value);
  put(request.key, std::move(object));
  return reply;
}

/// "bucket/key", encoded; x-amz-copy-source-if-match pins its version (412 otherwise).
const Object* Server::copy_source(const Call& request, Reply& refusal) const {
  vfs::net::Request named{.url = "http://source/" + request.header("x-amz-copy-source")};
  const Call source = read_call(named);
  const Object* object = source.bucket == options_.bucket ? find(source.key) : nullptr;
  if (object == nullptr) {
    refusal = error_reply(404, "NoSuchKey");
    return nullptr;
  }
  const std::string match = request.header("x-amz-copy-source-if-match");
  if (match.empty() || match == object->etag) return object;
  refusal = error_reply(412, "PreconditionFailed");
  return nullptr;
}

/// If-None-Match is not refused but ignored, as MinIO, versitygw and moto do it: a client that
/// relies on it here overwrites what it must not.
Reply Server::copy_object(const Call& request) {
  Reply refusal;
  const Object* source = copy_source(request, refusal);
  if (source == nullptr) return refusal;
  Object object = make_object(*source->bytes, now_);  // one part: the etag of a copy is an MD5
  if (request.header("x-amz-metadata-directive") == "REPLACE") {
    describe(request, object);
  } else {
    object.content_type = source->content_type;
    object.metadata = source->metadata;
  }
  Reply reply{.body = "<CopyObjectResult><ETag>" + escape_xml(object.etag) +
                      "</ETag></CopyObjectResult>"};
  put(request.key, std::move(object));
  return reply;
}

}  // namespace cairn::test::sim::s3
