#include "vfs/azure/dfs.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/parse.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::chrono::seconds kPatience{20};  // of the question for the kind of an account
constexpr int kMaxSourceChanges = 5;           // while a rename is under way
constexpr int kMaxSteps = 100'000;             // of one rename or removal
constexpr const char* kContinuation = "x-ms-continuation";

std::string dfs_target(const Connection& connection, const Path& path, const Query& query) {
  return connection.config().dfs_endpoint + connection.target(path, query);
}

/// https://learn.microsoft.com/rest/api/storageservices/get-account-information: with keys and SAS.
net::Outcome ask_for_account(Connection& connection, const CallOptions& options) {
  return connection.send(
      {.operation = "account",
       .target = connection.target({}, {{"restype", "account"}, {"comp", "properties"}}),
       .request = {.method = "HEAD"},
       .options = options},
      {});
}

/// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/get-properties:
/// only a hierarchical account has access control lists, also for its root.
net::Outcome ask_for_root(Connection& connection, const CallOptions& options) {
  const ContainerConfig& config = connection.config();
  return connection.send({.operation = "account",
                          .target = fmt::format("{}/{}/?action=getAccessControl",
                                                config.dfs_endpoint, config.container),
                          .request = {.method = "HEAD"},
                          .options = options},
                         {});
}

class Rename {
 public:
  Rename(Connection& connection, const Path& from, const Path& to, const WriteOptions& options)
      : connection_(connection),
        from_(without_slash(from)),
        to_(without_slash(to)),
        options_(options) {}

  WriteResult run();

 private:
  void look_at_source();
  [[nodiscard]] net::Outcome send();
  [[nodiscard]] net::Outcome send_step(const std::string& continuation);
  void make_parent();
  [[nodiscard]] net::Verification verify();
  [[nodiscard]] net::Verification verify_after(int status);
  [[nodiscard]] WriteResult settle(const net::Outcome& outcome);

  Connection& connection_;
  const Path from_;
  const Path to_;
  const WriteOptions& options_;
  FileInfo source_;
  std::string token_;  // of the write that made the source
};

WriteResult Rename::run() {
  bool parent_made = false;
  for (int attempt = 1;; ++attempt) {
    look_at_source();
    const net::Outcome outcome = send();
    if (outcome.ok()) {
      const std::string_view etag = outcome.response.headers.get("etag");
      return {.size = source_.size,
              .etag = etag.empty() ? source_.etag : std::string(etag),
              .version = std::string(outcome.response.headers.get("x-ms-version-id"))};
    }
    const std::string code = outcome.error ? outcome.error->code : std::string{};
    if (code == "RenameDestinationParentPathNotFound" && !parent_made) {
      make_parent();
      parent_made = true;
      continue;
    }
    // Somebody has written it since we looked at it.
    const bool changed = code == "SourceConditionNotMet" && !net::in_doubt(outcome);
    if (!changed || attempt == kMaxSourceChanges) return settle(outcome);
  }
}

void Rename::look_at_source() {
  const net::Outcome outcome = connection_.send({.operation = "stat",
                                                 .target = connection_.target(from_),
                                                 .request = {.method = "HEAD"},
                                                 .options = options_.call},
                                                from_);
  if (outcome.error && outcome.response.status == 404) {
    connection_.fail("move", from_, ErrorCode::not_found, "there is no such file");
  }
  if (!outcome.ok()) connection_.fail("move", from_, outcome);
  const net::Headers& headers = outcome.response.headers;
  source_ = parse_info(from_, headers);
  token_ = headers.get(kTokenHeader);
}

/// Large directories may take more than one request.
/// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create
net::Outcome Rename::send() {
  std::string continuation;
  for (int step = 0; step < kMaxSteps; ++step) {
    net::Outcome outcome = send_step(continuation);
    std::string next(outcome.response.headers.get(kContinuation));
    if (!outcome.ok() || next.empty()) return outcome;
    if (next == continuation) break;
    continuation = std::move(next);
  }
  connection_.fail("move", from_, ErrorCode::corrupt, "the server says again and again to go on");
}

net::Outcome Rename::send_step(const std::string& continuation) {
  Query query{{"mode", "posix"}};  // as rename(2) does it
  if (!continuation.empty()) query.emplace_back("continuation", continuation);
  net::Call call{.operation = "move",
                 .target = dfs_target(connection_, to_, query),
                 .request = {.method = "PUT", .has_body = true},
                 .options = options_.call};
  std::string source = connection_.target(from_);
  const auto held = connection_.held_credentials("move", from_, options_.call);
  if (held && !held->sas.empty()) source.append("?").append(held->sas.reveal());
  net::Headers& headers = call.request.headers;
  headers.set("x-ms-rename-source", source);
  headers.set("x-ms-source-if-match", source_.etag);
  add_conditions(headers, options_);
  return connection_.send(std::move(call), to_);
}

/// With all that are missing above it.
void Rename::make_parent() {
  net::Call call{
      .operation = "move",
      .target = dfs_target(connection_, without_slash(to_.parent()), {{"resource", "directory"}}),
      .request = {.method = "PUT", .has_body = true},
      .options = options_.call};
  call.request.headers.set("if-none-match", "*");
  const net::Outcome outcome = connection_.send(std::move(call), to_);
  const bool there = outcome.error && outcome.error->code == "PathAlreadyExists";
  if (!outcome.ok() && !there) connection_.fail("move", to_, outcome);
}

/// A file keeps its metadata and its etag when it gets another name.
net::Verification Rename::verify() {
  using State = net::Verification::State;
  const net::Outcome outcome = connection_.send({.operation = "stat",
                                                 .target = connection_.target(to_),
                                                 .request = {.method = "HEAD"},
                                                 .options = options_.call},
                                                to_);
  if (outcome.error && outcome.response.status == 404) return {.state = State::absent};
  if (!outcome.ok()) return net::not_asked(outcome);
  const net::Headers& headers = outcome.response.headers;
  const FileInfo found = parse_info(to_, headers);
  const bool same =
      found.etag == source_.etag || (!token_.empty() && headers.get(kTokenHeader) == token_);
  if (!same) return {.state = State::other};
  return {.state = State::written,
          .result = {.size = found.size, .etag = found.etag, .version = found.version}};
}

/// After a lost answer and one of that status. A rename leaves no mark of its own: where the source
/// is gone and the target is another file, both may have been replaced since.
net::Verification Rename::verify_after(int status) {
  const net::Verification found = verify();
  if (status == 404 && found.state == net::Verification::State::other) {
    connection_.fail("move", to_, ErrorCode::conflict,
                     "an answer was lost, the source is gone, and nothing tells whether this move "
                     "or another client took it",
                     "look at both files before going on");
  }
  return found;
}

WriteResult Rename::settle(const net::Outcome& outcome) {
  // To the second of two equal requests the service says that the source is gone, or that there is
  // such a file already.
  const int status = outcome.error ? outcome.response.status : 0;
  const bool refused = status == 404 || status == 409 || status == 412;
  return net::settle(connection_,
                     {.operation = "move",
                      .path = to_,
                      .options = options_,
                      .refusal = refused ? net::Refusal::precondition : net::Refusal::none,
                      .verify = [this, status] { return verify_after(status); }},
                     outcome);
}

}  // namespace

Namespace::Namespace(Connection& connection) : connection_(connection) {
  const Services& services = connection.services();
  const auto make = [] { return std::make_shared<std::atomic<Kind>>(Kind::unknown); };
  kind_ = services.shared ? services.shared->get<std::atomic<Kind>>(
                                "azure " + connection.config().endpoint, make)
                          : make();
}

bool Namespace::is_hierarchical(const CallOptions& options) const {
  const Services& services = connection_.services();
  if (services.config.azure.hierarchical) return *services.config.azure.hierarchical;
  Kind kind = kind_->load();
  if (kind != Kind::unknown) return kind == Kind::hierarchical;
  const auto latest = services.clock->steady_now() + kPatience;
  try {
    kind = ask(
        {.stop = options.stop, .deadline = std::min(latest, options.deadline.value_or(latest))});
  } catch (const Error&) {
    return false;  // no credentials: the operation that wants to know says so
  }
  if (kind != Kind::unknown) kind_->store(kind);
  return kind == Kind::hierarchical;
}

bool Namespace::is_known_hierarchical() const {
  const auto& said = connection_.services().config.azure.hierarchical;
  return said ? *said : kind_->load() == Kind::hierarchical;
}

Namespace::Kind Namespace::ask(const CallOptions& options) const {
  const auto held = connection_.held_credentials("account", {}, options);
  if (!held) return Kind::flat;  // anonymous: may read and list at most
  if (held->token.empty()) {
    const net::Outcome outcome = ask_for_account(connection_, options);
    if (outcome.failure) return Kind::unknown;
    const auto answer = outcome.response.headers.find("x-ms-is-hns-enabled");
    if (outcome.ok() && answer) {
      return net::equal_ignoring_case(*answer, "true") ? Kind::hierarchical : Kind::flat;
    }
  }
  const net::Outcome outcome = ask_for_root(connection_, options);
  if (outcome.failure || outcome.response.status >= 500) return Kind::unknown;
  return outcome.ok() ? Kind::hierarchical : Kind::flat;
}

Path without_slash(const Path& path) {
  std::string text = path.string();
  while (text.ends_with('/')) text.pop_back();
  return text;
}

WriteResult rename_path(Connection& connection, const Path& from, const Path& to,
                        const WriteOptions& options) {
  return Rename(connection, from, to, options).run();
}

// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/delete
void remove_tree(Connection& connection, const Path& directory, const CallOptions& options) {
  const Path path = without_slash(directory);
  const net::Outcome found = connection.send({.operation = "stat",
                                              .target = connection.target(path),
                                              .request = {.method = "HEAD"},
                                              .options = options},
                                             path);
  if (found.error && found.response.status == 404) return;
  if (!found.ok()) connection.fail("remove", directory, found);
  if (!is_folder(found.response.headers)) {
    connection.fail("remove", directory, ErrorCode::not_a_directory, "it is a file");
  }
  // In pages because of the rights that have to be looked at below it; all goes with the last one.
  Query query{{"recursive", "true"}, {"paginated", "true"}};
  for (int step = 0; step < kMaxSteps; ++step) {
    const net::Outcome outcome = connection.send({.operation = "remove",
                                                  .target = dfs_target(connection, path, query),
                                                  .request = {.method = "DELETE"},
                                                  .options = options},
                                                 directory);
    if (outcome.error && outcome.response.status == 404) return;
    if (!outcome.ok()) connection.fail("remove", directory, outcome);
    std::string next(outcome.response.headers.get(kContinuation));
    if (next.empty()) return;
    if (query.size() > 2 && query.back().second == next) break;
    query.resize(2);
    query.emplace_back("continuation", std::move(next));
  }
  connection.fail("remove", directory, ErrorCode::corrupt,
                  "the server says again and again to go on");
}

}  // namespace cairn::vfs::azure
