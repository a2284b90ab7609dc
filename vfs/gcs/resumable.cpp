// One session, in order. After any doubt the service is asked how much it has.
// https://cloud.google.com/storage/docs/performing-resumable-uploads
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/crypto/crc.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/gcs/upload.hpp"
#include "vfs/gcs/write.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

/// All chunks but the last are multiples of it.
constexpr std::uint64_t kUnit = 256ULL << 10U;
/// Answers without progress, in a row.
constexpr int kMaxIdle = 10;

/// How many bytes the service has: "bytes=0-42" is 43, and no header none.
std::uint64_t persisted_of(const net::Response& response) {
  const std::string_view range = response.headers.get("range");
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return 0;
  const auto last = net::parse_number(range.substr(dash + 1));
  return last ? *last + 1 : 0;
}

class ResumableUpload final : public Upload {
 public:
  ResumableUpload(std::shared_ptr<Connection> connection, const Path& path, WriteOptions options);
  ~ResumableUpload() override { abort(); }
  ResumableUpload(const ResumableUpload&) = delete;
  ResumableUpload& operator=(const ResumableUpload&) = delete;

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override;
  WriteResult commit(const CallOptions& options) override;
  void abort() noexcept override;

 private:
  /// Bytes on their way: those from `begin` on.
  struct Window {
    std::uint64_t begin{0};
    Body body{};
    bool last{false};  ///< the object ends with it
    [[nodiscard]] std::uint64_t end() const { return begin + body.size(); }
  };
  [[nodiscard]] Window window(const Body& more, bool last) const;
  [[nodiscard]] std::uint64_t chunk_size(const Window& window) const;
  void prepare(net::Request& request, const Window& window) const;
  [[nodiscard]] std::optional<net::Response> ask(net::Request& request, const Window& window,
                                                 const CallOptions& options);
  [[nodiscard]] net::Outcome send(const Window& window, const CallOptions& options);
  void take_progress(const net::Response& response, const Window& window);
  void keep(const Window& window);
  [[noreturn]] void fail_lost() const;

  std::shared_ptr<Connection> connection_;
  Path path_;
  WriteOptions options_;
  std::string token_;
  std::string session_{};  // a URL; whoever has it can write the object
  std::uint64_t persisted_{0};
  Body pending_{};  // sent by the caller, less than a unit, after what is persisted
  std::uint32_t next_{0};
  std::uint32_t crc32c_{0};
  bool ended_{false};
};

ResumableUpload::ResumableUpload(std::shared_ptr<Connection> connection, const Path& path,
                                 WriteOptions options)
    : connection_(std::move(connection)),
      path_(path),
      options_(std::move(options)),
      token_(net::make_token(*connection_->services().random)) {
  Query query;
  add_conditions(query, options_);
  net::Call call{
      .operation = "start_upload",
      .target = upload_target(connection_->bucket(), path_, "resumable", std::move(query)),
      .request = json_request(
          "POST", object_resource(options_, connection_->config().storage_class, token_)),
      .options = options_.call};
  if (!options_.content_type.empty()) {
    call.request.headers.set("x-upload-content-type", options_.content_type);
  }
  const net::Outcome outcome = connection_->send(std::move(call), path_);
  if (!outcome.ok()) {
    connection_->fail("start_upload", path_, outcome, net::condition_of(options_));
  }
  session_ = outcome.response.headers.get("location");
  const bool encrypted = session_.starts_with("https://");
  const bool plain =
      session_.starts_with("http://") && connection_->config().endpoint.starts_with("http://");
  if (!encrypted && !plain) {
    connection_->fail("start_upload", path_, ErrorCode::corrupt,
                      "the session that the server names is no https URL");
  }
}

ResumableUpload::Window ResumableUpload::window(const Body& more, bool last) const {
  Window result{.begin = persisted_, .body = pending_, .last = last};
  for (const Body::Segment& segment : more.segments()) {
    result.body.append(segment.bytes, segment.owner);
  }
  return result;
}

/// What the next request sends, from what is persisted on.
std::uint64_t ResumableUpload::chunk_size(const Window& window) const {
  const std::uint64_t left = window.end() - persisted_;
  return window.last ? left : left / kUnit * kUnit;
}

void ResumableUpload::prepare(net::Request& request, const Window& window) const {
  const std::uint64_t size = chunk_size(window);
  request.body = window.body.slice(persisted_ - window.begin, size);
  const std::string total = window.last ? std::to_string(window.end()) : "*";
  request.headers.set("content-range", size == 0 ? fmt::format("bytes */{}", total)
                                                 : fmt::format("bytes {}-{}/{}", persisted_,
                                                               persisted_ + size - 1, total));
}

/// Before a chunk is sent again: how much of it has arrived?
std::optional<net::Response> ResumableUpload::ask(net::Request& request, const Window& window,
                                                  const CallOptions& options) {
  net::Call call{.operation = "upload_status",
                 .target = session_,
                 .request = {.method = "PUT", .has_body = true},
                 .options = options};
  call.request.headers.set("content-range", "bytes */*");
  net::Outcome outcome = connection_->send(std::move(call), path_);
  if (!outcome.ok()) return {};  // the chunk itself will tell
  if (outcome.response.status != 308) return std::move(outcome.response);
  take_progress(outcome.response, window);
  if (chunk_size(window) == 0 && !window.last) return std::move(outcome.response);
  prepare(request, window);
  return {};
}

net::Outcome ResumableUpload::send(const Window& window, const CallOptions& options) {
  net::Call call{.operation = window.last ? "commit" : "put_part",
                 .target = session_,
                 .request = {.method = "PUT", .has_body = true},
                 .options = options};
  call.before_retry = [&](net::Request& request) { return ask(request, window, options); };
  if (window.last) {
    call.response_patience = connection_->services().config.http.commit_timeout;
    // Of the whole object: it is not made of bytes that were damaged on their way.
    call.request.headers.set("x-goog-hash", hash_header(crc32c_));
  }
  prepare(call.request, window);
  return connection_->send(std::move(call), path_);
}

void ResumableUpload::take_progress(const net::Response& response, const Window& window) {
  const std::uint64_t persisted = persisted_of(response);
  // What lies before the window is not in memory any more.
  if (persisted < window.begin || persisted > window.end()) fail_lost();
  persisted_ = persisted;
}

void ResumableUpload::fail_lost() const {
  connection_->fail("put_part", path_, ErrorCode::conflict,
                    "the service has lost the upload, or bytes of it were damaged on their way",
                    "write the file again");
}

/// Less than a unit is left over; it goes along with the next part.
void ResumableUpload::keep(const Window& window) {
  const Body rest = window.body.slice(persisted_ - window.begin, window.end() - persisted_);
  pending_ = {};
  for (const Body::Segment& segment : rest.segments()) pending_.append_copy(segment.bytes);
}

void ResumableUpload::put_part(std::uint32_t index, const Body& part, const CallOptions& options) {
  if (index != next_) {
    connection_->fail("put_part", path_, ErrorCode::invalid_argument,
                      "the parts of this upload have to come in order");
  }
  const Window bytes = window(part, false);
  for (int idle = 0; chunk_size(bytes) > 0;) {
    const std::uint64_t before = persisted_;
    const net::Outcome outcome = send(bytes, options);
    const int status = outcome.failure ? 0 : outcome.response.status;
    if (status == 404 || status == 410) fail_lost();
    if (!outcome.ok()) {
      connection_->fail("put_part", path_, outcome, net::condition_of(options_));
    }
    if (status != 308) {
      connection_->fail("put_part", path_, ErrorCode::corrupt,
                        "the server has ended the upload before its end");
    }
    take_progress(outcome.response, bytes);
    idle = persisted_ == before ? idle + 1 : 0;
    if (idle == kMaxIdle) {
      connection_->fail("put_part", path_, ErrorCode::unavailable,
                        "the server takes no more bytes of the upload");
    }
  }
  keep(bytes);
  crc32c_ =
      crypto::crc_combine(crypto::kCrc32cPolynomial, crc32c_, crypto::crc32c(part), part.size());
  ++next_;
}

WriteResult ResumableUpload::commit(const CallOptions& options) {
  using State = net::Verification::State;
  const Window bytes = window({}, true);
  const Evidence sent{.token = token_, .size = bytes.end(), .crc32c = crc32c_};
  WriteOptions doubted = options_;
  doubted.call = options;
  for (int idle = 0;;) {
    const net::Outcome outcome = send(bytes, options);
    const int status = outcome.failure ? 0 : outcome.response.status;
    // A session that is not known any more is no object: unless this write made it before.
    if (status == 404 || status == 410) {
      const auto found = resolve_ambiguous(*connection_, path_, sent, options);
      if (found.state == State::absent || found.state == State::other) fail_lost();
    }
    if (!outcome.ok()) {
      const WriteResult result = settle(*connection_, "commit", path_, outcome, sent, doubted);
      ended_ = true;
      return result;
    }
    if (status != 308) {
      ended_ = true;
      const auto object = parse_object(outcome.response.body);
      if (!object) {
        connection_->fail("commit", path_, ErrorCode::corrupt, "the answer is no object");
      }
      check_written(*connection_, "commit", path_, object->info, sent, options);
      return {.size = sent.size, .etag = object->info.etag, .version = object->info.version};
    }
    const std::uint64_t before = persisted_;
    take_progress(outcome.response, bytes);
    idle = persisted_ == before ? idle + 1 : 0;
    if (idle == kMaxIdle) {
      connection_->fail("commit", path_, ErrorCode::unavailable,
                        "the server does not end the upload");
    }
  }
}

void ResumableUpload::abort() noexcept {
  if (std::exchange(ended_, true)) return;
  try {
    static_cast<void>(connection_->send({.operation = "abort",
                                         .target = session_,
                                         .request = {.method = "DELETE"},
                                         .options = net::abort_options(options_.call)},
                                        path_));
  } catch (...) {  // NOLINT(bugprone-empty-catch): the session ends by itself after a week
  }
}

}  // namespace

std::unique_ptr<Upload> start_resumable_upload(const std::shared_ptr<Connection>& connection,
                                               const Path& path, const WriteOptions& options) {
  return std::make_unique<ResumableUpload>(connection, path, options);
}

}  // namespace cairn::vfs::gcs
