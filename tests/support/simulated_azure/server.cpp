#include "tests/support/simulated_azure/server.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::azure {
namespace {

/// Versions of the services that a client may ask for; the first one that knows CRC64 and bearer
/// tokens, and a date after any that has been published.
constexpr std::string_view kOldest = "2019-12-12";
constexpr std::string_view kNewest = "2030-01-01";

bool has_body(std::string_view method) {
  return method == "PUT" || method == "POST" || method == "PATCH";
}

/// "x-ms-version: Required for all authorized requests"; of a SAS it may be left out, then sv
/// counts.
bool lacks_version(const Incoming& request) {
  return !request.has("x-ms-version") && !request.asks("sv");
}

bool lacks_date(const Incoming& request) {
  return !request.has("x-ms-date") && !request.has("date") && !request.asks("sig") &&
         request.has("authorization");
}

}  // namespace

Reply Server::handle(const vfs::net::Request& raw, TimePoint now) {
  now_ = now;
  const std::string id = "sim-" + std::to_string(++requests_);
  Reply reply;
  Incoming request;
  Address address;
  try {
    request = read_request(raw);
    address = read_address(request, options_.account.name, options_.dfs_host);
    address.secure = raw.url.starts_with("https://");
    if (has_body(request.method) && request.body.empty() && !raw.has_body) {
      throw Refusal("MissingContentLengthHeader");
    }
    reply = route(request, address);
  } catch (const std::invalid_argument& error) {
    violations_.emplace_back(error.what());
    reply = to_reply(Refusal("InvalidInput"), address.endpoint, id);
  } catch (const Refusal& refusal) {
    reply = to_reply(refusal, address.endpoint, id);
  }
  reply.set("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
  reply.set("Date", http_date(now));
  reply.set("x-ms-request-id", id);
  if (request.has("x-ms-version")) reply.set("x-ms-version", request.header("x-ms-version"));
  if (request.has("x-ms-client-request-id")) {
    reply.set("x-ms-client-request-id", request.header("x-ms-client-request-id"));
  }
  if (reply.find("Content-Length") == nullptr) {
    reply.set("Content-Length", std::to_string(reply.body.size()));
  }
  if (request.method == "HEAD") reply.body.clear();  // errors have only x-ms-error-code then
  return reply;
}

Reply Server::route(const Incoming& request, const Address& address) {
  if (address.account != options_.account.name) throw Refusal("ResourceNotFound");
  const Rule* rule = find_rule(request, address);
  if (rule == nullptr)
    violate("no such call: " + request.method + " " + request.raw_path,
            "InvalidQueryParameterValue");
  check_protocol(request, *rule);
  Grant grant;
  try {
    grant = authorize(request, address, *rule, options_.account, now_);
  } catch (const Refusal&) {
    if (!request.has("authorization") && !request.asks("sig")) {
      violations_.emplace_back("an unsigned request");
    }
    throw;
  }
  if (!address.container.empty() && address.container != options_.container) {
    throw Refusal("ContainerNotFound");
  }
  if (rule->call == Call::path_access && !options_.hierarchical) {
    throw Refusal("HierarchicalNamespaceNotEnabled");  // by which clients tell flat accounts
  }
  if (address.endpoint == Endpoint::dfs && !options_.hierarchical) {
    violate("the dfs endpoint of a flat account", "InvalidUri");
  }
  std::string name = address.name;
  if (options_.hierarchical && name.ends_with('/')) name.pop_back();
  if (name.size() > 1024) throw Refusal("InvalidUri");
  const Turn turn{
      .request = request, .address = address, .rule = *rule, .grant = grant, .name = name};
  check_permission(turn);
  return carry_out(turn);
}

void Server::violate(std::string what, const std::string& code) {
  violations_.push_back(std::move(what));
  throw Refusal(code);
}

/// Sub-requests have no version of their own: "this version will be used for all subrequests" (page
/// "Blob Batch"), and Microsoft's libraries take the header out of them.
void Server::check_protocol(const Incoming& request, const Rule& rule) {
  const auto found = violations_of(request, rule);
  violations_.insert(violations_.end(), found.begin(), found.end());
  if (!found.empty()) {
    const bool parameter = found.front().find("parameter") != std::string::npos;
    const bool missing = found.front().find("missing") != std::string::npos;
    throw Refusal(missing     ? "MissingRequiredHeader"
                  : parameter ? "UnsupportedQueryParameter"
                              : "UnsupportedHeader");
  }
  if (!in_batch_ && lacks_version(request) && !options_.account.public_access) {
    violate("a request without x-ms-version", "MissingRequiredHeader");
  }
  if (lacks_date(request)) violate("a signed request without a date", "MissingRequiredHeader");
  const std::string version = request.header("x-ms-version");
  if (version.empty()) return;
  if (in_batch_) violate("x-ms-version in a sub-request", "UnsupportedHeader");
  if (!read_iso_date(version) || version < kOldest || version > kNewest) {
    violate("x-ms-version " + version, "InvalidHeaderValue");
  }
}

/// One of the call's letters is enough; "c" only where nothing is written over (page "Create a
/// service SAS", Specify permissions).
void Server::check_permission(const Turn& turn) const {
  if (turn.grant.whole_account) return;
  const bool exists = blobs_.contains(turn.name);
  const bool granted = std::ranges::any_of(turn.rule.permissions, [&](char letter) {
    const bool has = turn.grant.permissions.find(letter) != std::string::npos;
    return has && (letter != 'c' || turn.rule.permissions != "cw" || !exists);
  });
  if (!granted) throw Refusal("AuthorizationPermissionMismatch");
}

Reply Server::carry_out(const Turn& turn) {
  switch (turn.rule.call) {
    case Call::account_information:
      return account_information();
    case Call::batch:
      return batch(turn);
    case Call::container_properties:
      return {.headers = {{"ETag", "\"0x8DC000000000000\""}, {"x-ms-lease-status", "unlocked"}}};
    case Call::filesystem_properties:
      return {.headers = {{"ETag", "\"0x8DC000000000000\""}, {"x-ms-namespace-enabled", "true"}}};
    case Call::list_blobs:
      return list_blobs(turn);
    case Call::list_containers:
      return list_containers(turn);
    case Call::list_paths:
      return list_paths(turn);
    case Call::path_access:
      return path_access(turn);
    case Call::user_delegation_key:
      return user_delegation_key(turn);
    default:
      return turn.address.endpoint == Endpoint::dfs ? carry_out_path(turn) : carry_out_blob(turn);
  }
}

Reply Server::carry_out_blob(const Turn& turn) {
  switch (turn.rule.call) {
    case Call::abort_copy:
      return abort_copy(turn);
    case Call::copy_blob:
      return copy_blob(turn);
    case Call::delete_blob:
      return delete_blob(turn);
    case Call::get_blob:
      return get_blob(turn);
    case Call::get_block_list:
      return get_block_list(turn);
    case Call::get_properties:
      return get_properties(turn);
    case Call::put_blob:
      return put_blob(turn);
    case Call::put_blob_from_url:
      return put_blob_from_url(turn);
    case Call::put_block:
      return put_block(turn);
    case Call::put_block_from_url:
      return put_block_from_url(turn);
    case Call::put_block_list:
      return put_block_list(turn);
    case Call::set_metadata:
      return set_metadata(turn);
    default:
      throw std::logic_error("a call of blobs without code");
  }
}

Reply Server::carry_out_path(const Turn& turn) {
  switch (turn.rule.call) {
    case Call::append:
      return append(turn);
    case Call::create_path:
      return create_path(turn);
    case Call::delete_path:
      return delete_path(turn);
    case Call::flush:
      return flush(turn);
    case Call::path_properties:
      return path_properties(turn);
    case Call::read_path:
      return get_blob(turn);
    case Call::rename_path:
      return rename_path(turn);
    default:
      throw std::logic_error("a call of paths without code");
  }
}

const Blob* Server::find(const std::string& key) const {
  const auto found = blobs_.find(key);
  return found == blobs_.end() ? nullptr : &found->second;
}

Blob& Server::existing(const std::string& name) {
  const auto found = blobs_.find(name);
  if (found == blobs_.end()) throw Refusal("BlobNotFound");
  return found->second;
}

void Server::check_write(const Turn& turn, const Blob* blob) const {
  check_conditions(turn.request, blob, Access::write);
  const std::string lease = turn.request.header("x-ms-lease-id");
  if (blob == nullptr || blob->lease.empty()) {
    if (!lease.empty()) throw Refusal("LeaseNotPresentWithBlobOperation");
  } else if (lease != blob->lease) {
    throw Refusal(lease.empty() ? "LeaseIdMissing" : "LeaseIdMismatchWithBlobOperation");
  }
  if (blob != nullptr && blob->copy && blob->copy->status == CopyStatus::pending) {
    throw Refusal("PendingCopyOperation");
  }
}

Blob& Server::store(const std::string& name, Blob blob) {
  if (options_.hierarchical) make_parents(name);
  const Blob* before = find(name);
  blob.etag = next_etag();
  blob.modified = now_;
  blob.created = before == nullptr ? now_ : before->created;
  if (before != nullptr) {
    blob.lease = before->lease;
    blob.snapshots = before->snapshots;
  }
  history_.emplace(name, md5(*blob.bytes));
  return blobs_[name] = std::move(blob);
}

/// A file among the parents is a conflict; so is a directory in the place of a file.
void Server::make_parents(const std::string& name) {
  for (std::size_t at = name.find('/'); at != name.npos; at = name.find('/', at + 1)) {
    const std::string parent = name.substr(0, at);
    const Blob* found = find(parent);
    if (found != nullptr && !found->directory) throw Refusal("PathConflict");
    if (found != nullptr) continue;
    blobs_[parent] = {.etag = next_etag(), .directory = true, .modified = now_, .created = now_};
  }
}

bool Server::has_children(const std::string& name) const {
  const auto next = blobs_.lower_bound(name + "/");
  return next != blobs_.end() && next->first.starts_with(name + "/");
}

/// "0x8DC" and 12 digits, as the cloud's look; none comes twice.
std::string Server::next_etag() {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string digits(12, '0');
  std::uint64_t value = ++changes_ * 0x10001U;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value /= 16) {
    *digit = kDigits[value % 16];
  }
  return "\"0x8DC" + digits + "\"";
}

}  // namespace cairn::test::sim::azure
