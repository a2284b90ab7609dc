// What tests see behind the API's back, and Cloud Storage's form of faults.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/server.hpp"

namespace cairn::test::sim::gcs {
namespace {

bool has(const vfs::net::Request& request, std::string_view text) {
  return request.url.find(text) != std::string::npos;
}

bool is_chunk(const vfs::net::Request& request) {
  return request.method == "PUT" && has(request, "upload_id=");
}

/// The client reads a document where it gives no memory for the body, and where there is one: a
/// DELETE has none, nor has a part of an XML upload, nor the start of a session.
bool answers_in_document(const vfs::net::Request& request, const vfs::net::Exchange& exchange) {
  if (request.method == "DELETE" || request.method == "HEAD") return false;
  if (request.method == "GET") return !exchange.destination;
  if (request.method == "POST") return !has(request, "uploadType=resumable");
  return has(request, "/storage/v1") || request.headers.find("x-goog-copy-source");
}

void remove_generation(nlohmann::ordered_json& value) {
  if (!value.is_structured()) return;
  if (value.is_object()) {
    value.erase("generation");
    value.erase("etag");
  }
  for (auto& member : value) remove_generation(member);
}

}  // namespace

void Server::add(const std::string& key, std::string_view bytes, const std::string& checksum) {
  Object object = make_object(bytes);
  object.has_md5 = checksum == "md5";
  state_.bucket.put(key, std::move(object), state_.now);
}

void Server::write_foreign(const std::string& key, std::string_view bytes) {
  Object object = make_object(bytes);
  object.described.metadata["cairn-op"] = "0123456789abcdef0123456789abcdef";  // one of our kind
  state_.bucket.put(key, std::move(object), state_.now);
  ++foreign_[key];
}

int Server::foreign_writes(const std::string& key) const {
  const auto found = foreign_.find(key);
  return found == foreign_.end() ? 0 : found->second;
}

std::optional<std::string> Server::content(const std::string& key) const {
  const Object* object = state_.bucket.find(key);
  return object == nullptr ? std::nullopt : std::optional(*object->bytes);
}

bool Server::has_held(const std::string& key, const std::string& bytes) const {
  return state_.bucket.has_held(key, bytes);
}

std::string Server::etag(const std::string& key) const {
  const Object* object = state_.bucket.find(key);
  return object == nullptr ? std::string{} : std::to_string(object->generation);
}

std::vector<std::string> Server::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, object] : state_.bucket.objects()) keys.push_back(key);
  return keys;
}

std::size_t Server::leftovers() const {
  const auto sessions = std::ranges::count_if(state_.sessions, [](const auto& entry) {
    return !entry.second.finished && !entry.second.cancelled;
  });
  const auto uploads = std::ranges::count_if(
      state_.uploads, [](const auto& entry) { return !entry.second.completed; });
  return static_cast<std::size_t>(sessions + uploads);
}

/// Cloud Storage has no regions to move to, no 200 with an error in it, and no error for a
/// conditional write that meets another one.
bool Server::knows(Fault fault, const vfs::net::Request& request,
                   const vfs::net::Exchange& exchange) const {
  switch (fault) {
    case Fault::cut_body:
    case Fault::short_body:
      return answers_in_document(request, exchange);
    case Fault::garbage:
    case Fault::garbage_after:
      return answers_in_document(request, exchange) || request.method == "POST";
    case Fault::entry_refused:
      return has(request, "/batch/storage/v1");
    case Fault::kept_less:
      return is_chunk(request) && request.body.size() > 0;
    case Fault::uploads_lost:
      return has(request, "upload_id=");
    case Fault::request_timeout:
    case Fault::ok_error:
    case Fault::ok_error_after:
    case Fault::moved_400:
    case Fault::moved_301:
    case Fault::conflict:
      return false;
    case Fault::expired:
      return state_.authority.has_tokens();
    case Fault::flipped_upload:  // what is no object's bytes has no checksum
      return has(request, "/upload/storage/") ||
             (request.method == "PUT" && !has(request, "/storage/v1/"));
    default:
      return true;
  }
}

Reply Server::refusal(Fault fault) const {
  if (fault == Fault::status_429) return json_error(rate_limit_exceeded());
  return json_error(backend_error(fault == Fault::status_503 ? 503 : 500));
}

void Server::change(Fault fault) {
  state_.refuses_entry = fault == Fault::entry_refused;
  state_.keeps_less = fault == Fault::kept_less;
  if (fault == Fault::expired) state_.authority.expire_tokens();
  if (fault == Fault::uploads_lost) state_.sessions.clear();
}

Reply Server::whole(const vfs::net::Request& request) const {
  State copy = state_;
  Server server;
  server.state_ = std::move(copy);
  vfs::net::Request unranged = request;
  unranged.headers.remove("range");
  return server.handle(unranged, state_.now);
}

void Server::remove_version(Reply& reply) const {
  reply.remove("ETag");
  reply.remove("x-goog-generation");
  auto document = nlohmann::ordered_json::parse(reply.body, nullptr, false);
  if (document.is_discarded()) return;
  remove_generation(document);
  reply.body = document.dump();
}

bool Server::excuses_leftover(const vfs::net::Request& request) const {
  const bool of_upload = has(request, "uploadId=") || has(request, "upload_id=");
  const bool starts = request.method == "POST" &&
                      (has(request, "?uploads") || has(request, "uploadType=resumable"));
  return starts || (of_upload && request.method == "DELETE");
}

}  // namespace cairn::test::sim::gcs
