#include "vfs/azure/copy_async.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/doubt.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/base/fail.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::chrono::milliseconds kFirstWait{100};
constexpr std::chrono::milliseconds kLongestWait{5'000};
constexpr std::chrono::milliseconds kCleanupTimeout{800};  // a caller that was stopped waits for it

/// A copy that has been started.
class AsyncCopy {
 public:
  AsyncCopy(Connection& connection, const CopySource& source, const Path& to,
            const WriteOptions& options)
      : connection_(connection),
        source_(source),
        to_(to),
        options_(options),
        token_(net::make_token(*connection.services().random)) {}

  void start();
  WriteResult wait();
  /// Ends it, if it is still under way, and removes what it has made of the target.
  void give_up() noexcept;

 private:
  [[nodiscard]] net::Headers head(const CallOptions& options);
  void set_properties();

  Connection& connection_;
  const CopySource& source_;
  const Path& to_;
  const WriteOptions& options_;
  std::string token_;
};

void AsyncCopy::start() {
  const ContainerConfig& config = connection_.config();
  Query query;
  if (!options_.source_version.empty()) query.emplace_back("versionid", options_.source_version);
  std::string from = config.endpoint + connection_.target(source_.info.path, query);
  const auto held = connection_.held_credentials("copy", to_, options_.call);
  if (held && !held->sas.empty()) {
    from.append(query.empty() ? "?" : "&").append(held->sas.reveal());
  }
  net::Call call{.operation = "copy",
                 .target = connection_.target(to_),
                 .request = {.method = "PUT", .has_body = true},
                 .response_patience = connection_.services().config.http.commit_timeout,
                 .options = options_.call};
  net::Headers& headers = call.request.headers;
  headers.set("x-ms-copy-source", from);
  headers.set("x-ms-source-if-match", source_.info.etag);
  // The other properties come along by themselves, and can't be given.
  add_description(headers,
                  {.metadata = options_.metadata,
                   .storage_class = options_.storage_class,
                   .tags = options_.tags},
                  connection_.tier());
  add_conditions(headers, options_);
  headers.set(kTokenHeader, token_);
  if (source_.info.checksum) {
    headers.set(kChecksumHeader, checksum_value(source_.info.checksum->value, source_.info.size));
  }
  const net::Outcome outcome = connection_.send(std::move(call), to_);
  if (outcome.ok()) return;
  static_cast<void>(settle(connection_, "copy", to_, outcome, {.token = token_}, options_));
}

/// Of the target, as long as it is this copy's.
net::Headers AsyncCopy::head(const CallOptions& options) {
  net::Response response = connection_.require({.operation = "copy",
                                                .target = connection_.target(to_),
                                                .request = {.method = "HEAD"},
                                                .options = options},
                                               to_);
  if (response.headers.get(kTokenHeader) != token_) {
    connection_.fail("copy", to_, ErrorCode::conflict,
                     "another writer has replaced the copy while it was under way");
  }
  return std::move(response.headers);
}

WriteResult AsyncCopy::wait() {
  const Services& services = connection_.services();
  auto delay = kFirstWait;
  std::string progress;
  auto moved = services.clock->steady_now();
  for (;;) {
    const net::Headers headers = head(options_.call);
    const CopyState state = parse_copy_state(headers);
    if (state.status.empty() || state.status == "success") break;
    if (state.status != "pending") {
      const bool replaced = state.description.starts_with("412");  // another source is there now
      connection_.fail(
          "copy", to_, replaced ? ErrorCode::precondition_failed : ErrorCode::io,
          fmt::format("the service's copy ended as \"{}\": {}", state.status, state.description));
    }
    const auto now = services.clock->steady_now();
    if (std::string(headers.get("x-ms-copy-progress")) != progress) {
      progress = headers.get("x-ms-copy-progress");
      moved = now;
    } else if (now - moved > services.config.retry.budget) {
      connection_.fail("copy", to_, ErrorCode::timeout, "the service's copy makes no progress");
    }
    services.clock->sleep(delay, options_.call.stop);
    delay = std::min(2 * delay, kLongestWait);
    check_call(options_.call, "copy", connection_.url(to_));
  }
  set_properties();
  const FileInfo made = parse_info(to_, head(options_.call));
  if (made.size != source_.info.size) {
    connection_.fail("copy", to_, ErrorCode::corrupt, "the copy is not there in full");
  }
  return {.size = made.size, .etag = made.etag, .version = made.version};
}

/// What Copy Blob has taken from the source though the caller wants another.
void AsyncCopy::set_properties() {
  net::Headers wanted;
  add_description(wanted, {.content_type = options_.content_type,
                           .cache_control = options_.cache_control,
                           .content_disposition = options_.content_disposition,
                           .content_encoding = options_.content_encoding});
  const bool differs = std::ranges::any_of(wanted, [&](const auto& field) {
    constexpr std::string_view kPrefix = "x-ms-blob-";
    return source_.headers.get(std::string_view(field.first).substr(kPrefix.size())) !=
           field.second;
  });
  if (!differs) return;
  connection_.require({.operation = "copy",
                       .target = connection_.target(to_, {{"comp", "properties"}}),
                       .request = {.method = "PUT", .headers = std::move(wanted), .has_body = true},
                       .options = options_.call},
                      to_);
}

void AsyncCopy::give_up() noexcept {
  try {
    const CallOptions options{.deadline = std::chrono::steady_clock::now() + kCleanupTimeout};
    net::Headers headers = head(options);
    CopyState state = parse_copy_state(headers);
    if (state.status == "pending") {
      net::Request abort{.method = "PUT", .has_body = true};
      abort.headers.set("x-ms-copy-action", "abort");
      static_cast<void>(connection_.send(
          {.operation = "abort",
           .target = connection_.target(to_, {{"comp", "copy"}, {"copyid", state.id}}),
           .request = std::move(abort),
           .options = options},
          to_));
      headers = head(options);
      state = parse_copy_state(headers);
    }
    if (state.status != "aborted" && state.status != "failed") return;  // it is there after all
    net::Request remove{.method = "DELETE"};
    remove.headers.set("if-match", headers.get("etag"));
    static_cast<void>(connection_.send({.operation = "abort",
                                        .target = connection_.target(to_),
                                        .request = std::move(remove),
                                        .options = options},
                                       to_));
  } catch (...) {  // NOLINT(bugprone-empty-catch): the error that led here is the one to tell
  }
}

}  // namespace

WriteResult copy_and_wait(Connection& connection, const CopySource& source, const Path& to,
                          const WriteOptions& options) {
  AsyncCopy copy(connection, source, to, options);
  copy.start();
  try {
    return copy.wait();
  } catch (...) {
    copy.give_up();
    throw;
  }
}

}  // namespace cairn::vfs::azure
