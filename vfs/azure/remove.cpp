#include "vfs/azure/remove.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/errors.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/retry.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::size_t kMaxBatch = 256;

using Indices = std::vector<std::size_t>;  // into the paths and their results

/// The paths of one call, their results, and how they are asked for.
class Removal {
 public:
  Removal(Connection& connection, std::span<const Path> paths)
      : connection_(connection), paths_(paths), results_(paths.size()) {
    for (std::size_t i = 0; i < paths.size(); ++i) results_[i].path = paths[i];
  }

  void run(const CallOptions& options);
  [[nodiscard]] std::vector<RemoveResult> take() && { return std::move(results_); }

 private:
  void remove_batch(std::span<const std::size_t> batch, const CallOptions& options);
  [[nodiscard]] Indices ask(std::span<const std::size_t> batch, const CallOptions& options);
  [[nodiscard]] net::Request request_for(std::span<const std::size_t> batch,
                                         const CallOptions& options);
  void remove_singly(std::span<const std::size_t> batch, const CallOptions& options);
  [[nodiscard]] Indices note(std::span<const std::size_t> batch,
                             const std::vector<BatchAnswer>& answers, const CallOptions& options);
  [[nodiscard]] const Services& services() const { return connection_.services(); }

  Connection& connection_;
  std::span<const Path> paths_;
  std::vector<RemoveResult> results_;  // each is written by one thread
};

void Removal::run(const CallOptions& options) {
  Indices together;
  Indices singly;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    (paths_[i].has_trailing_slash() ? singly : together).push_back(i);
  }
  const std::size_t batches = (together.size() + kMaxBatch - 1) / kMaxBatch;
  services().pool->for_each(
      batches + singly.size(),
      static_cast<std::size_t>(std::max(services().config.transfer.parallel, 1)),
      [&](std::size_t task, std::stop_token stop) {
        const CallOptions call{.stop = std::move(stop), .deadline = options.deadline};
        if (task >= batches) return remove_singly(std::span(&singly[task - batches], 1), call);
        const auto rest = std::span<const std::size_t>(together).subspan(task * kMaxBatch);
        remove_batch(rest.first(std::min(kMaxBatch, rest.size())), call);
      },
      options.stop);
}

/// Again and again for what the service could not remove yet, as long as a request would be
/// retried.
void Removal::remove_batch(std::span<const std::size_t> batch, const CallOptions& options) {
  const RetryPolicy& policy = services().config.retry;
  Indices left(batch.begin(), batch.end());
  for (int attempt = 1;; ++attempt) {
    left = ask(left, options);
    const bool late = options.deadline && services().clock->steady_now() >= *options.deadline;
    if (left.empty() || attempt >= policy.max_attempts || late || options.stop.stop_requested()) {
      return;  // the results tell what was left
    }
    services().clock->sleep(net::backoff(policy, attempt, services().random->next()), options.stop);
  }
}

/// Each of its requests is authorized on its own, for some minutes.
net::Request Removal::request_for(std::span<const std::size_t> batch, const CallOptions& options) {
  std::vector<net::Request> requests;
  requests.reserve(batch.size());
  for (const std::size_t index : batch) {
    net::Request request{.method = "DELETE"};
    try {
      connection_.authorize(request, connection_.target(paths_[index]), services().clock->now(),
                            options);
    } catch (const net::CredentialError& error) {
      connection_.fail("remove", paths_[index], ErrorCode::unauthenticated, error.what(),
                       error.hint());
    }
    requests.push_back(std::move(request));
  }
  return batch_request(requests, "batch_" + net::make_token(*services().random));
}

/// Returns what is worth another attempt.
Indices Removal::ask(std::span<const std::size_t> batch, const CallOptions& options) {
  if (batch.size() == 1 || connection_.lacks().batch) {
    remove_singly(batch, options);
    return {};
  }
  const Path& first = paths_[batch.front()];
  const net::Outcome outcome = connection_.send(
      {.operation = "remove",
       .target = connection_.target({}, {{"restype", "container"}, {"comp", "batch"}}),
       .request = request_for(batch, options),
       .options = options},
      first);
  if (outcome.failure) connection_.fail("remove", first, outcome);
  const auto answers = outcome.ok() ? parse_batch(outcome.response) : std::nullopt;
  if (answers && answers->size() == batch.size()) return note(batch, *answers, options);
  // A server that knows no batches, or credentials that may not send one.
  if (outcome.error &&
      code_of(outcome.response.status, outcome.error->code) == ErrorCode::unsupported) {
    connection_.lacks().batch = true;
  }
  remove_singly(batch, options);
  return {};
}

Indices Removal::note(std::span<const std::size_t> batch, const std::vector<BatchAnswer>& answers,
                      const CallOptions& options) {
  std::vector<bool> answered(batch.size());
  Indices again;
  Indices singly;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const BatchAnswer& answer = answers[i];
    const std::size_t place = answer.id.value_or(i);
    if (place >= batch.size() || answered[place]) continue;
    answered[place] = true;
    const std::size_t index = batch[place];
    RemoveResult& result = results_[index];
    const bool done = answer.status / 100 == 2 || answer.code == "BlobNotFound";
    result.error = done ? "" : fmt::format("{}: {}", answer.code, answer.message);
    result.code = code_of(answer.status, answer.code);
    if (done) continue;
    // A date or a token that was refused is put right on the way of single requests.
    const bool refused = answer.status == 401 || answer.status == 403 || answer.status == 0;
    if (refused) {
      singly.push_back(index);
    } else if (net::judge(answer.status, answer.code).retry) {
      again.push_back(index);
    }
  }
  for (std::size_t place = 0; place < batch.size(); ++place) {
    if (!answered[place]) singly.push_back(batch[place]);
  }
  remove_singly(singly, options);
  return again;
}

void Removal::remove_singly(std::span<const std::size_t> batch, const CallOptions& options) {
  for (const std::size_t index : batch) {
    RemoveResult& result = results_[index];
    try {
      remove_blob(connection_, paths_[index], {}, options);
      result.error.clear();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      result.error = fmt::format("{}: {}", error.details().service_code, error.details().message);
      result.code = error.code();
    }
  }
}

/// "d/" where a blob "d" only marks the directory.
void remove_folder_mark(Connection& connection, const Path& path, const CallOptions& options) {
  const Path mark(path.string().substr(0, path.string().size() - 1));
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = connection.target(mark),
                                                .request = {.method = "HEAD"},
                                                .options = options},
                                               path);
  const net::Headers& headers = outcome.response.headers;
  if (!outcome.ok() || !is_folder(headers)) return;  // a file of that name is another matter
  remove_blob(connection, mark, headers.get("etag"), options);
}

}  // namespace

void remove_blob(Connection& connection, const Path& path, std::string_view if_match,
                 const CallOptions& options) {
  net::Call call{.operation = "remove",
                 .target = connection.target(path),
                 .request = {.method = "DELETE"},
                 .options = options};
  if (!if_match.empty()) call.request.headers.set("if-match", if_match);
  const net::Outcome outcome = connection.send(std::move(call), path);
  if (outcome.ok()) return;
  if (!outcome.error || outcome.error->code != "BlobNotFound") {
    connection.fail("remove", path, outcome);
  }
  if (path.has_trailing_slash() && path.string().size() > 1) {
    remove_folder_mark(connection, path, options);
  }
}

std::vector<RemoveResult> remove_blobs(Connection& connection, std::span<const Path> paths,
                                       const CallOptions& options) {
  if (paths.size() == 1) {  // with all that its Error tells
    remove_blob(connection, paths.front(), {}, options);
    return {{.path = paths.front()}};
  }
  Removal removal(connection, paths);
  removal.run(options);
  return std::move(removal).take();
}

}  // namespace cairn::vfs::azure
