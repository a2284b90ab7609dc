// What tests see behind the API's back, and Azure's form of faults.
#include <algorithm>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

bool is_batch(const vfs::net::Request& request) {
  return request.method == "POST" && request.url.find("comp=batch") != std::string::npos;
}

bool is_list(const vfs::net::Request& request) {
  return request.method == "GET" && (request.url.find("comp=list") != std::string::npos ||
                                     request.url.find("resource=filesystem") != std::string::npos);
}

/// Its answer has a body that the client reads.
bool answers_in_text(const vfs::net::Request& request) {
  return is_list(request) || is_batch(request) ||
         request.url.find("comp=blocklist") != std::string::npos ||
         request.url.find("comp=userdelegationkey") != std::string::npos;
}

}  // namespace

void Server::add(const std::string& key, std::string_view bytes, const std::string& checksum) {
  Blob blob{.bytes = std::make_shared<const std::string>(bytes)};
  if (!checksum.empty()) blob.md5 = base64(md5(bytes));
  if (!checksum.empty() && options_.kept_checksum) blob.metadata = options_.kept_checksum(bytes);
  static_cast<void>(store(key, std::move(blob)));
}

void Server::write_foreign(const std::string& key, std::string_view bytes) {
  Blob blob{.bytes = std::make_shared<const std::string>(bytes), .md5 = base64(md5(bytes))};
  blob.metadata["cairn_op"] = "0123456789abcdef0123456789abcdef";  // one of our kind
  uncommitted_.erase(key);
  static_cast<void>(store(key, std::move(blob)));
  ++foreign_[key];
}

int Server::foreign_writes(const std::string& key) const {
  const auto found = foreign_.find(key);
  return found == foreign_.end() ? 0 : found->second;
}

std::optional<std::string> Server::content(const std::string& key) const {
  const Blob* blob = find(key);
  if (blob == nullptr || blob->directory) return {};
  return *blob->bytes;
}

bool Server::has_held(const std::string& key, const std::string& bytes) const {
  return history_.contains({key, md5(bytes)});
}

std::string Server::etag(const std::string& key) const {
  const Blob* blob = find(key);
  return blob == nullptr ? std::string{} : blob->etag;
}

std::vector<std::string> Server::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, blob] : blobs_) {
    if (!blob.directory) keys.push_back(key);
  }
  return keys;
}

/// Blocks that nobody committed are none: there is no call to take them away, the service drops
/// them after a week. Copies that are still pending are, and data that waits for a flush.
std::size_t Server::leftovers() const {
  return static_cast<std::size_t>(std::ranges::count_if(blobs_, [](const auto& entry) {
    const Blob& blob = entry.second;
    return !blob.appended.empty() || (blob.copy && blob.copy->status == CopyStatus::pending);
  }));
}

std::size_t Server::uncommitted_blocks(const std::string& key) const {
  const auto found = uncommitted_.find(key);
  return found == uncommitted_.end() ? 0 : found->second.size();
}

std::vector<std::string> Server::checksums() const {
  return {"crc64nvme"};
}

/// Regions do not move and writes do not conflict for a moment; an error within a success is known
/// of batches only.
bool Server::knows(Fault fault, const vfs::net::Request& request,
                   const vfs::net::Exchange& exchange) const {
  const bool text = answers_in_text(request) && !exchange.destination;
  switch (fault) {
    case Fault::cut_body:
    case Fault::short_body:
    case Fault::garbage:
    case Fault::garbage_after:
      return text;
    case Fault::ok_error:
    case Fault::ok_error_after:
    case Fault::entry_refused:
      return is_batch(request);
    case Fault::flipped_upload:  // a batch has no checksum
      return !is_batch(request);
    case Fault::conflict:
    case Fault::kept_less:
    case Fault::moved_301:
    case Fault::moved_400:
    case Fault::uploads_lost:
      return false;
    case Fault::expired:
      return !options_.account.tokens.empty();
    default:
      return true;
  }
}

/// https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
Reply Server::refusal(Fault fault) const {
  Refusal refusal("InternalError");
  if (fault == Fault::status_503) refusal = Refusal("ServerBusy");
  if (fault == Fault::request_timeout) refusal = Refusal("OperationTimedOut");
  if (fault == Fault::status_429) {
    refusal = Refusal("ServerBusy");
    refusal.status = 429;
  }
  Reply reply = to_reply(refusal, Endpoint::blob, "sim");
  if (fault != Fault::ok_error && fault != Fault::ok_error_after) return reply;
  // A batch that could not be taken apart: one answer, without a Content-ID.
  return {.status = 202,
          .headers = {{"Content-Type", "multipart/mixed; boundary=batchresponse_0"}},
          .body =
              "--batchresponse_0\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 500 Internal "
              "Server Error\r\nx-ms-error-code: InternalError\r\n\r\n" +
              reply.body + "\r\n--batchresponse_0--\r\n"};
}

void Server::change(Fault fault) {
  refuses_entry_ = fault == Fault::entry_refused;
  if (fault != Fault::expired) return;
  for (auto& [token, expired] : options_.account.tokens) expired = true;
}

Reply Server::whole(const vfs::net::Request& request) const {
  const Incoming incoming = read_request(request);
  const Address address = read_address(incoming, options_.account.name, options_.dfs_host);
  const Blob& blob = *find(address.name);
  Reply reply{.headers = {{"ETag", blob.etag}}, .body = *blob.bytes};
  reply.set("Content-Length", std::to_string(blob.bytes->size()));
  return reply;
}

void Server::remove_version(Reply& reply) const {
  reply.remove("ETag");
}

/// A copy whose start or end was lost on the way may go on.
bool Server::excuses_leftover(const vfs::net::Request& request) const {
  return request.url.find("comp=copy") != std::string::npos ||
         (request.headers.find("x-ms-copy-source") && !request.headers.find("x-ms-requires-sync"));
}

}  // namespace cairn::test::sim::azure
