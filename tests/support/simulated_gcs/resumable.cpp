// JSON API: resumable uploads. https://cloud.google.com/storage/docs/resumable-uploads and
// https://cloud.google.com/storage/docs/performing-resumable-uploads
#include <algorithm>
#include <utility>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/resource.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {
namespace {

/// "bytes 0-524287/2000000", "bytes 0-524287/*", "bytes */2000000", "bytes */*".
struct ContentRange {
  std::optional<std::uint64_t> first{};  ///< absent: a question for the status
  std::uint64_t end{0};                  ///< one past the last byte
  std::optional<std::uint64_t> total{};
};

std::uint64_t read_size(const std::string& text) {
  return static_cast<std::uint64_t>(read_number("Content-Range", text));
}

ContentRange read_content_range(State& state, const Call& call) {
  const std::string text = call.http.header("content-range");
  const std::size_t slash = text.find('/');
  if (!text.starts_with("bytes ") || slash == text.npos) {
    violate(state, "Content-Range: " + text);
  }
  ContentRange range;
  const std::string total = text.substr(slash + 1);
  if (total != "*") range.total = read_size(total);
  const std::string bytes = text.substr(6, slash - 6);
  if (bytes == "*") return range;
  const std::size_t dash = std::min(bytes.find('-'), bytes.size() - 1);
  range.first = read_size(bytes.substr(0, dash));
  range.end = read_size(bytes.substr(dash + 1)) + 1;
  if (range.end - *range.first != call.http.body.size() ||
      (range.total && range.end > *range.total)) {
    violate(state, "a chunk that is not as long as it says: " + text);
  }
  return range;
}

/// Where no byte is persisted yet, there is no Range.
Reply incomplete(const Session& session) {
  Reply reply{.status = 308, .headers = {{"Content-Length", "0"}}};
  if (!session.bytes.empty()) {
    reply.set("Range", "bytes=0-" + std::to_string(session.bytes.size() - 1));
  }
  return reply;
}

Reply finished(const Session& session) {
  return {.headers = {{"Content-Type", "application/json; charset=UTF-8"}},
          .body = *session.finished};
}

/// The upload is over, also where the object is refused.
Reply finish(State& state, const Call& call, const std::string& id) {
  Session session = std::move(state.sessions.at(id));
  state.sessions.erase(id);
  if (session.size && *session.size != session.bytes.size()) {
    throw invalid("the size is not that of X-Upload-Content-Length");
  }
  Object object = make_object(session.bytes, std::move(session.described));
  check_hash("CRC32C", session.crc32c, object.crc32c());
  check_hash("MD5 hash", session.md5, object.md5_hash());
  check_hashes(call, session.bytes);
  require(session.conditions, state.bucket.find(session.name));
  const Object& stored = state.bucket.put(session.name, std::move(object), state.now);
  session.finished = json_reply(call, resource(state, session.name, stored)).body;
  session.bytes.clear();
  return finished(state.sessions[id] = std::move(session));
}

Session& require_session(State& state, const Call& call) {
  if (state.options.lost_sessions != 0) {
    throw Refused{.status = state.options.lost_sessions,
                  .reason = "notFound",
                  .message = "The upload session is no longer available."};
  }
  const auto found = state.sessions.find(call.http.parameter("upload_id"));
  if (found == state.sessions.end()) {
    throw Refused{.status = 404, .reason = "notFound", .message = "No such upload session."};
  }
  return found->second;
}

/// How many of the chunk's new bytes stay: all, but for what a test has decided.
std::size_t take_persisted(State& state, std::size_t size) {
  if (std::exchange(state.keeps_less, false)) return size / 2;
  if (state.options.persisted.empty()) return size;
  const std::size_t kept = std::min(size, state.options.persisted.front());
  state.options.persisted.pop_front();
  return kept;
}

/// Bytes that are persisted already are ignored where they are sent again; a gap is refused
/// (https://cloud.google.com/storage/docs/resumable-uploads#resent-data).
void append_chunk(State& state, const Call& call, const ContentRange& range, Session& session) {
  const bool is_last = range.total == range.end;
  if (!is_last && call.http.body.size() % state.options.chunk != 0) {
    violate(state, "a chunk of " + std::to_string(call.http.body.size()) +
                       " bytes: not the last one, and no multiple of 256 KiB");
  }
  const std::uint64_t known = session.bytes.size();
  if (*range.first > known) {
    violate(state, "a chunk from " + std::to_string(*range.first) + ", where " +
                       std::to_string(known) + " bytes are persisted");
  }
  if (range.end <= known) return;
  const std::string_view fresh = std::string_view(call.http.body).substr(known - *range.first);
  session.bytes += fresh.substr(0, take_persisted(state, fresh.size()));
}

}  // namespace

Reply start_session(State& state, const Call& call) {
  const Json document = call.http.body.empty() ? Json::object() : read_document(call.http.body);
  Metadata metadata = read_metadata(state, document);
  if (!document.contains("contentType") && call.http.has("x-upload-content-type")) {
    metadata.described.content_type = call.http.header("x-upload-content-type");
  }
  std::string name = call.http.parameter("name");
  if (name.empty()) name = metadata.name;
  if (!metadata.name.empty() && metadata.name != name) throw invalid("two different names");
  check_name(state, name);
  Session session{.name = name,
                  .described = std::move(metadata.described),
                  .conditions = read_conditions(call),
                  .crc32c = metadata.crc32c,
                  .md5 = metadata.md5};
  if (call.http.has("x-upload-content-length")) {
    session.size = static_cast<std::uint64_t>(
        read_number("X-Upload-Content-Length", call.http.header("x-upload-content-length")));
  }
  require(session.conditions, state.bucket.find(name));
  const std::string id = "session-" + std::to_string(state.next_id++);
  state.sessions[id] = std::move(session);
  return {.headers = {
              {"Location", call.origin + "/upload/storage/v1/b/" + call.bucket +
                               "/o?uploadType=resumable&name=" + encode(name) + "&upload_id=" + id},
              {"X-GUploader-UploadID", id},
              {"Content-Length", "0"}}};
}

Reply put_chunk(State& state, const Call& call) {
  Session& session = require_session(state, call);
  const std::string id = call.http.parameter("upload_id");
  if (session.cancelled) return {.status = 499};
  if (session.finished) return finished(session);
  if (!call.http.has("content-range")) {  // all of it in one request
    if (!session.bytes.empty()) violate(state, "a resumed upload without Content-Range");
    session.bytes = call.http.body;
    return finish(state, call, id);
  }
  const ContentRange range = read_content_range(state, call);
  if (range.total && session.size && *range.total != *session.size) {
    throw invalid("the total is not that of X-Upload-Content-Length");
  }
  if (range.first) append_chunk(state, call, range, session);
  if (!range.first && !call.http.body.empty()) violate(state, "a question with a body");
  if (range.total == session.bytes.size()) return finish(state, call, id);
  return incomplete(session);
}

/// "499 Client Closed Request" says that it is cancelled.
Reply cancel_session(State& state, const Call& call) {
  Session& session = require_session(state, call);
  if (session.finished) return finished(session);
  session.cancelled = true;
  session.bytes.clear();
  return {.status = 499};
}

}  // namespace cairn::test::sim::gcs
