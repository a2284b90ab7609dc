#include "vfs/s3/remove.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "vfs/base/thread_pool.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/retry.hpp"
#include "vfs/s3/errors.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::size_t kMaxBatch = 1000;

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
  void remove_singly(std::size_t index, const CallOptions& options);
  [[nodiscard]] Indices note(std::span<const std::size_t> batch, std::vector<KeyError> errors);
  [[nodiscard]] const Services& services() const { return connection_.services(); }

  Connection& connection_;
  std::span<const Path> paths_;
  std::vector<RemoveResult> results_;  // each is written by one thread
};

void Removal::run(const CallOptions& options) {
  Indices together;
  Indices singly;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    (fits_in_xml(paths_[i].string()) ? together : singly).push_back(i);
  }
  const std::size_t batches = (together.size() + kMaxBatch - 1) / kMaxBatch;
  services().pool->for_each(
      batches + singly.size(),
      static_cast<std::size_t>(std::max(services().config.transfer.parallel, 1)),
      [&](std::size_t task, std::stop_token stop) {
        const CallOptions call{.stop = std::move(stop), .deadline = options.deadline};
        if (task >= batches) return remove_singly(singly[task - batches], call);
        const auto rest = std::span<const std::size_t>(together).subspan(task * kMaxBatch);
        remove_batch(rest.first(std::min(kMaxBatch, rest.size())), call);
      },
      options.stop);
}

/// Again and again for the keys that S3 could not remove yet, as long as a request would be
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

/// Returns what is worth another attempt.
Indices Removal::ask(std::span<const std::size_t> batch, const CallOptions& options) {
  std::vector<Path> keys;
  keys.reserve(batch.size());
  for (const std::size_t index : batch) keys.push_back(paths_[index]);
  net::Call call{.operation = "remove",
                 .target = "/?delete=",
                 .request = xml_request("POST", delete_xml(keys)),
                 .options = options};
  call.request.headers.set("x-amz-checksum-crc32",
                           crypto::base64_big_endian(crypto::crc32(call.request.body)));
  net::Outcome outcome = connection_.send(std::move(call), keys.front());
  const bool unknown = outcome.error && code_of(outcome.response.status, outcome.error->code) ==
                                            ErrorCode::unsupported;
  if (unknown) {  // some servers know no DeleteObjects
    for (const std::size_t index : batch) remove_singly(index, options);
    return {};
  }
  if (!outcome.ok()) connection_.fail("remove", keys.front(), outcome);
  return note(batch, parse_delete_errors(std::move(outcome.response.body)));
}

Indices Removal::note(std::span<const std::size_t> batch, std::vector<KeyError> errors) {
  std::map<std::string, KeyError> failed;
  for (KeyError& error : errors) {
    if (error.code != "NoSuchKey") failed.insert_or_assign(error.key, std::move(error));
  }
  Indices again;
  for (const std::size_t index : batch) {
    RemoveResult& result = results_[index];
    const auto found = failed.find(paths_[index].string());
    if (found == failed.end()) {
      result.error.clear();
      continue;
    }
    const KeyError& error = found->second;
    result.error = fmt::format("{}: {}", error.code, error.message);
    result.code = code_of(0, error.code);
    if (net::judge(0, error.code).retry) again.push_back(index);
  }
  return again;
}

void Removal::remove_singly(std::size_t index, const CallOptions& options) {
  try {
    remove_object(connection_, paths_[index], {}, options);
    results_[index].error.clear();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    results_[index].error = error.details().service_code + ": " + error.details().message;
    results_[index].code = error.code();
  }
}

}  // namespace

void remove_object(Connection& connection, const Path& path, std::string_view version,
                   const CallOptions& options) {
  Query query;
  if (!version.empty()) query.emplace_back("versionId", version);
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = target(path, std::move(query)),
                                                .request = {.method = "DELETE"},
                                                .options = options},
                                               path);
  const bool absent = outcome.error && (outcome.error->code == "NoSuchKey" ||
                                        outcome.error->code == "NoSuchVersion");
  if (!outcome.ok() && !absent) connection.fail("remove", path, outcome);
}

std::vector<RemoveResult> remove_objects(Connection& connection, std::span<const Path> paths,
                                         const CallOptions& options) {
  if (paths.size() == 1) {  // with all that its Error tells
    remove_object(connection, paths.front(), {}, options);
    return {{.path = paths.front()}};
  }
  Removal removal(connection, paths);
  removal.run(options);
  return std::move(removal).take();
}

}  // namespace cairn::vfs::s3
