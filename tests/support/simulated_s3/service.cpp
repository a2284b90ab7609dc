// What tests see behind the API's back, and S3's form of faults.
#include <algorithm>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_s3/server.hpp"

namespace cairn::test::sim::s3 {
namespace {

/// The client reads XML where it gives no memory for the body.
bool answers_in_xml(const vfs::net::Request& request, const vfs::net::Exchange& exchange) {
  return request.method == "POST" || request.headers.find("x-amz-copy-source") ||
         (request.method == "GET" && !exchange.destination);
}

bool is_conditional_write(const vfs::net::Request& request) {
  return request.method != "GET" && request.method != "HEAD" &&
         (request.headers.find("if-match") || request.headers.find("if-none-match"));
}

}  // namespace

void Server::add(const std::string& key, std::string_view bytes, const std::string& checksum) {
  put(key, make_object(bytes, now_, checksum));
}

void Server::write_foreign(const std::string& key, std::string_view bytes) {
  Object object = make_object(bytes, now_);
  object.metadata["x-amz-meta-cairn-op"] = "0123456789abcdef0123456789abcdef";  // one of our kind
  put(key, std::move(object));
  ++foreign_[key];
}

int Server::foreign_writes(const std::string& key) const {
  const auto found = foreign_.find(key);
  return found == foreign_.end() ? 0 : found->second;
}

std::optional<std::string> Server::content(const std::string& key) const {
  const Object* object = find(key);
  return object == nullptr ? std::nullopt : std::optional(*object->bytes);
}

bool Server::has_held(const std::string& key, const std::string& bytes) const {
  return history_.contains({key, md5(bytes)});
}

std::string Server::etag(const std::string& key) const {
  const Object* object = find(key);
  return object == nullptr ? std::string{} : object->etag;
}

std::vector<std::string> Server::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, object] : objects_) keys.push_back(key);
  return keys;
}

std::size_t Server::leftovers() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      uploads_, [](const auto& upload) { return upload.second.completed.empty(); }));
}

std::vector<std::string> Server::checksums() const {
  return {"crc32c", "crc64nvme", "crc32"};
}

bool Server::knows(Fault fault, const vfs::net::Request& request,
                   const vfs::net::Exchange& exchange) const {
  switch (fault) {
    case Fault::cut_body:
    case Fault::short_body:
    case Fault::ok_error:
    case Fault::ok_error_after:
    case Fault::garbage:
    case Fault::garbage_after:
      return answers_in_xml(request, exchange);
    case Fault::conflict:
      return is_conditional_write(request);
    case Fault::entry_refused:
      return request.method == "POST" && request.url.find("?delete") != std::string::npos;
    case Fault::kept_less:
    case Fault::uploads_lost:
      return false;
    default:
      return true;
  }
}

Reply Server::refusal(Fault fault) const {
  switch (fault) {
    case Fault::status_429:
      return error_reply(429, "TooManyRequestsException");
    case Fault::status_503:
      return error_reply(503, "SlowDown");
    case Fault::request_timeout:
      return error_reply(400, "RequestTimeout");
    case Fault::conflict:
      return error_reply(409, "ConditionalRequestConflict");
    case Fault::ok_error:
    case Fault::ok_error_after:
      return error_reply(200, "InternalError");
    default:
      return error_reply(500, "InternalError");
  }
}

void Server::change(Fault fault) {
  refuses_entry_ = fault == Fault::entry_refused;
  if (fault == Fault::expired) options_.account.expired = true;
  if (fault == Fault::moved_400 || fault == Fault::moved_301) {
    options_.region = options_.region == "eu-north-1" ? "us-east-1" : "eu-north-1";
    options_.moved_permanently = fault == Fault::moved_301;
  }
}

Reply Server::whole(const vfs::net::Request& request) const {
  const Object& object = *find(read_call(request).key);
  Reply reply{.headers = {{"ETag", object.etag}}, .body = *object.bytes};
  reply.set("Content-Length", std::to_string(object.bytes->size()));
  return reply;
}

void Server::remove_version(Reply& reply) const {
  reply.remove("ETag");
}

bool Server::excuses_leftover(const vfs::net::Request& request) const {
  const bool of_upload = request.url.find("uploadId=") != std::string::npos;
  const bool starts = request.url.find("uploads=") != std::string::npos;
  return starts || (of_upload && request.method == "DELETE");
}

}  // namespace cairn::test::sim::s3
