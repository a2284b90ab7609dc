#include "vfs/http/connection.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/http/errors.hpp"
#include "vfs/http/reference.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::vfs::http {
namespace {

constexpr int kMaxHops = 10;
constexpr std::size_t kMaxRemembered = 1000;

Powers both(const Powers& left, const Powers& right) {
  return {.propfind = left.propfind && right.propfind,
          .mkcol = left.mkcol && right.mkcol,
          .copy = left.copy && right.copy,
          .move = left.move && right.move};
}

}  // namespace

Connection::Connection(const Url& root, const Services& services)
    : Connection(make_site(root, services.config.web), services) {}

Connection::Connection(Site site, const Services& services)
    : net::Connection(site.root.with_query({}).string(), services, protocol_of(this),
                      error_rules(site)),
      site_(std::move(site)) {}

/// The connection itself is not there yet when its base asks for this.
net::Protocol Connection::protocol_of(Connection* self) {
  return {
      .sign = [self](net::Request& request, std::string_view target, TimePoint,
                     const CallOptions&) { self->sign(request, target); },
      .examine = &examine,
      .recover =
          [self](const net::ServiceError&, const net::Request& request,
                 const net::Response& response, const CallOptions& options) {
            if (request.method == "PUT" && response.status == 500) {
              self->check_parents(Url::parse(request.url).path(), options);
            }
            return false;
          },
      .version = &version_of,
      .request_id_header = "x-request-id",
  };
}

void Connection::sign(net::Request& request, std::string_view target) const {
  request.url = target;
  pin(request.headers);
  request.headers.set("accept-encoding", "identity");  // bytes as they are stored
  if (site_.secrets.size() == 0 || !same_origin(target, site_.root.string())) return;
  net::check_credential_url(services().config, target);
  for (const auto& [name, value] : site_.secrets) request.headers.set(name, value);
}

/// nginx answers with 500 to what is to lie below a file, which would be tried again in vain.
void Connection::check_parents(const Path& path, const CallOptions& options) {
  const auto status_of = [&](const Path& asked) {
    const net::Outcome outcome = client().send({.operation = "stat",
                                                .target = target(asked),
                                                .request = {.method = "HEAD"},
                                                .options = options});
    return outcome.failure ? 0 : outcome.response.status;
  };
  for (Path folder = path.parent(); !folder.empty(); folder = folder.parent()) {
    const int status = status_of(folder);
    if (status == 200 && status_of(Path(folder.string() + '/')) == 404) {
      fail("write", path, ErrorCode::not_a_directory,
           "a file is where a folder has to be: " + url(folder));
    }
    if (status != 404) return;
  }
}

Connection::Reply Connection::follow(net::Call call, const Path& path) {
  if (call.target.empty()) call.target = target(path);
  for (int hops = 0;; ++hops) {
    Reply reply{.outcome = send(call, path), .url = call.target};
    const net::Response& response = reply.outcome.response;
    if (!reply.outcome.ok() || !is_redirect(call.request.method, response.status)) return reply;
    const Hop hop = next_hop(call.target, response.headers.get("location"));
    if (!hop.refusal.empty()) {
      fail(call.operation, path, ErrorCode::unsupported, hop.refusal,
           "open the URL that it leads to, if you trust it");
    }
    reply.directory = adds_slash(call.target, hop.url);
    if (reply.directory) return reply;
    if (hops == kMaxHops) {
      fail(call.operation, path, ErrorCode::io,
           fmt::format("the server redirects more than {} times", kMaxHops));
    }
    call.target = hop.url;
  }
}

Connection::Reply Connection::require_followed(net::Call call, const Path& path) {
  const std::string operation = call.operation;
  Reply reply = follow(std::move(call), path);
  if (!reply.outcome.ok()) fail(operation, path, reply.outcome);
  return reply;
}

Powers Connection::powers(const Path& path, const CallOptions& options) {
  const std::string& text = path.string();
  const std::size_t slash = text.find('/');
  const std::string folder = slash == std::string::npos ? "" : text.substr(0, slash + 1);
  Learnt& learnt = learnt_.get();
  {
    const std::lock_guard lock(learnt.mutex);
    if (const auto found = learnt.powers.find(folder); found != learnt.powers.end()) {
      return found->second;
    }
  }
  const net::Outcome outcome = send({.operation = "options",
                                     .target = target(folder),
                                     .request = {.method = "OPTIONS"},
                                     .options = options},
                                    path);
  if (outcome.failure) fail("options", path, outcome);
  const Powers powers = outcome.ok() ? parse_powers(outcome.response.headers) : Powers{};
  const std::lock_guard lock(learnt.mutex);
  return learnt.powers.insert_or_assign(folder, powers).first->second;
}

std::optional<Powers> Connection::known_powers() const {
  Learnt& learnt = learnt_.get();
  const std::lock_guard lock(learnt.mutex);
  std::optional<Powers> all;
  for (const auto& [folder, powers] : learnt.powers) all = both(all.value_or(powers), powers);
  return all;
}

std::string Connection::remembered(const Path& path) {
  Learnt& learnt = learnt_.get();
  const std::lock_guard lock(learnt.mutex);
  const auto found = learnt.found.find(path.string());
  return found == learnt.found.end() ? std::string() : found->second;
}

void Connection::remember(const Path& path, const std::string& url) {
  Learnt& learnt = learnt_.get();
  const std::lock_guard lock(learnt.mutex);
  if (url.empty()) {
    learnt.found.erase(path.string());
    return;
  }
  if (learnt.found.size() >= kMaxRemembered) learnt.found.clear();
  learnt.found.insert_or_assign(path.string(), url);
}

void Connection::note_ignored_range() {
  if (ignores_ranges_.exchange(true) || !services().config.log) return;
  services().config.log(LogLevel::warning,
                        fmt::format("{} sends whole files where ranges are asked for: what comes "
                                    "before a range is read and dropped",
                                    site_.shown({})));
}

}  // namespace cairn::vfs::http
