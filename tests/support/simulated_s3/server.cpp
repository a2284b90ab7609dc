#include "tests/support/simulated_s3/server.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::s3 {
namespace {

using Names = std::set<std::string>;

/// What the API reference lists for the calls of this model, less what nobody sends here.
const Names kParameters{
    "continuation-token", "delete",     "delimiter", "encoding-type", "list-type", "location",
    "max-keys",           "partNumber", "prefix",    "start-after",   "uploadId",  "uploads",
};
const Names kHeaders{
    "x-amz-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme", "x-amz-checksum-mode",  "x-amz-checksum-type",
    "x-amz-content-sha256",     "x-amz-copy-source",    "x-amz-copy-source-if-match",
    "x-amz-copy-source-range",  "x-amz-date",           "x-amz-metadata-directive",
    "x-amz-mp-object-size",     "x-amz-security-token",
};
const Names kPlainHeaders{
    "accept",   "authorization", "content-length", "content-md5", "content-type",
    "if-match", "if-none-match", "range",          "user-agent",
};

}  // namespace

Reply Server::handle(const vfs::net::Request& raw, TimePoint now) {
  now_ = now;
  Call request;
  try {
    request = read_call(raw);
  } catch (const std::invalid_argument& error) {
    violations_.emplace_back(error.what());
    return error_reply(400, "InvalidRequest");
  }
  Reply reply = route(request);
  reply.set("Date", http_date(now));
  reply.set("x-amz-request-id", "SIM" + std::to_string(now.time_since_epoch().count()));
  if (reply.find("Content-Length") == nullptr) {
    reply.set("Content-Length", std::to_string(reply.body.size()));
  }
  if (request.method == "HEAD") reply.body.clear();  // errors of HEAD have no body either
  return reply;
}

Reply Server::route(const Call& request) {
  if (auto refusal = refuse_unauthorized(request, options_.account, options_.region, now_)) {
    if (!request.has("authorization")) violations_.emplace_back("an unsigned request");
    if (refusal->body.find("<Region>") != std::string::npos) {
      return wrong_region(request, *std::move(refusal));
    }
    return *std::move(refusal);
  }
  if (auto refusal = refuse_unknown(request)) return *std::move(refusal);
  if (request.bucket != options_.bucket) return error_reply(404, "NoSuchBucket");
  return request.key.empty() ? on_bucket(request) : on_object(request);
}

Reply Server::on_bucket(const Call& request) {
  if (request.method == "GET" && request.parameter("list-type") == "2") return list(request);
  if (request.method == "GET" && request.asks("location")) {
    return {.body = "<LocationConstraint>" + options_.region + "</LocationConstraint>"};
  }
  if (request.method == "POST" && request.asks("delete")) return remove_many(request);
  return error_reply(405, "MethodNotAllowed");
}

Reply Server::on_object(const Call& request) {
  const bool of_upload = request.asks("uploadId");
  const bool copies = request.has("x-amz-copy-source");
  if (request.method == "GET" || request.method == "HEAD") return get(request);
  if (request.method == "PUT" && of_upload) return copies ? copy_part(request) : put_part(request);
  if (request.method == "PUT") return copies ? copy_object(request) : put_object(request);
  if (request.method == "POST" && of_upload) return complete(request);
  if (request.method == "POST" && request.asks("uploads")) return create_upload(request);
  if (request.method != "DELETE") return error_reply(405, "MethodNotAllowed");
  if (!of_upload) {
    objects_.erase(request.key);  // absent or not: 204
    return {.status = 204};
  }
  const Upload* upload = open_upload(request);
  if (upload == nullptr || !upload->completed.empty()) return error_reply(404, "NoSuchUpload");
  uploads_.erase(request.parameter("uploadId"));
  return {.status = 204};
}

std::optional<Reply> Server::refuse_unknown(const Call& request) {
  for (const auto& [name, value] : request.query) {
    if (kParameters.contains(name)) continue;
    violations_.push_back("an unknown parameter: " + name);
    return error_reply(400, "InvalidArgument");
  }
  for (const auto& [name, value] : request.headers) {
    if (kHeaders.contains(name) || kPlainHeaders.contains(name)) continue;
    if (name.starts_with("x-amz-meta-")) continue;
    violations_.push_back("an unknown header: " + name);
    return error_reply(400, "InvalidArgument");
  }
  return {};
}

/// Conditional writes: 412 if the condition does not hold; If-Match on a missing key is 404
/// (API reference of PutObject and CompleteMultipartUpload).
std::optional<Reply> Server::refuse_condition(const Call& request) const {
  const Object* object = find(request.key);
  if (request.has("if-none-match")) {
    if (request.header("if-none-match") != "*") return error_reply(501, "NotImplemented");
    if (object != nullptr) return error_reply(412, "PreconditionFailed");
  }
  if (request.has("if-match")) {
    if (object == nullptr) return error_reply(404, "NoSuchKey");
    if (request.header("if-match") != object->etag) return error_reply(412, "PreconditionFailed");
  }
  return {};
}

/// Two ways in which AWS says it; an answer to HEAD has no body, and to a 400 no region either.
Reply Server::wrong_region(const Call& request, Reply refusal) const {
  if (!options_.moved_permanently || request.asks("location")) return refusal;
  Reply reply = error_reply(301, "PermanentRedirect");
  reply.set("x-amz-bucket-region", options_.region);
  return reply;
}

void Server::put(const std::string& key, Object object) {
  history_.emplace(key, md5(*object.bytes));
  objects_[key] = std::move(object);
}

const Object* Server::find(const std::string& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

Object make_object(std::string_view bytes, TimePoint modified, const std::string& algorithm) {
  Object object{.bytes = std::make_shared<const std::string>(bytes),
                .etag = "\"" + hex(md5(bytes)) + "\"",
                .modified = modified};
  if (!algorithm.empty()) {
    object.checksum = StoredChecksum{.algorithm = algorithm, .value = checksum(algorithm, bytes)};
  }
  return object;
}

void describe(const Call& request, Object& object) {
  if (request.has("content-type")) object.content_type = request.header("content-type");
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with("x-amz-meta-")) object.metadata[name] = value;
  }
}

std::string sent_algorithm(const Call& request) {
  for (const char* algorithm : {"crc32", "crc32c", "crc64nvme"}) {
    if (request.has(std::string("x-amz-checksum-") + algorithm)) return algorithm;
  }
  return {};
}

std::optional<Reply> refuse_damaged(const Call& request) {
  const std::string algorithm = sent_algorithm(request);
  if (!algorithm.empty() &&
      request.header("x-amz-checksum-" + algorithm) != checksum(algorithm, request.body)) {
    return error_reply(400, "BadDigest");
  }
  if (request.has("content-md5") && request.header("content-md5") != base64(md5(request.body))) {
    return error_reply(400, "BadDigest");
  }
  return {};
}

}  // namespace cairn::test::sim::s3
