// Get Blob, Get Blob Properties, Put Blob, Set Blob Metadata, Delete Blob.
#include <algorithm>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::uint64_t kDigestLimit = 4ULL << 20;  // of x-ms-range-get-content-…

struct Range {
  std::size_t first{0};
  std::size_t last{0};
};

/// https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
/// "bytes=a-" and "bytes=a-b" only: there are no suffix ranges. An end beyond the blob is clamped.
Range read_range(const std::string& text, std::size_t size) {
  const std::size_t dash = text.find('-');
  if (!text.starts_with("bytes=") || dash == text.npos || dash < 7) {
    throw Refusal("InvalidHeaderValue");
  }
  const auto first = read_number(text.substr(6, dash - 6));
  const auto last = read_number(text.substr(dash + 1));
  const bool open = dash + 1 == text.size();
  if (!first || (!last && !open) || (last && *last < *first)) throw Refusal("InvalidHeaderValue");
  if (*first >= size) throw Refusal("InvalidRange");
  return {*first, open ? size - 1 : std::min<std::size_t>(*last, size - 1)};
}

void answer_copy(const Blob& blob, Reply& reply) {
  if (!blob.copy) return;
  const Copy& copy = *blob.copy;
  const std::string total = std::to_string(copy.bytes->size());
  const bool whole = copy.status == CopyStatus::success;
  reply.set("x-ms-copy-id", copy.id);
  reply.set("x-ms-copy-source", copy.source);
  reply.set("x-ms-copy-status", std::string(name_of(copy.status)));
  reply.set("x-ms-copy-progress", (whole ? total : "0") + "/" + total);
  if (!copy.description.empty()) reply.set("x-ms-copy-status-description", copy.description);
}

/// What Get Blob and Get Blob Properties say of it. A directory of a hierarchical account shows as
/// a blob without bytes, with hdi_isfolder in its metadata.
Reply answer_properties(const Blob& blob, bool hierarchical) {
  Reply reply{.headers = {{"ETag", blob.etag},
                          {"Last-Modified", http_date(blob.modified)},
                          {"x-ms-creation-time", http_date(blob.created)},
                          {"x-ms-blob-type", "BlockBlob"},
                          {"x-ms-lease-status", blob.lease.empty() ? "unlocked" : "locked"},
                          {"x-ms-lease-state", blob.lease.empty() ? "available" : "leased"},
                          {"x-ms-server-encrypted", "true"},
                          {"Accept-Ranges", "bytes"}}};
  for (const auto& [name, value] : blob.content) reply.set(name, value);
  for (const auto& [name, value] : blob.metadata) reply.set("x-ms-meta-" + name, value);
  if (blob.directory) reply.set("x-ms-meta-hdi_isfolder", "true");
  if (hierarchical) reply.set("x-ms-resource-type", blob.directory ? "directory" : "file");
  answer_copy(blob, reply);
  return reply;
}

/// "true" is the only value; only with a range, of at most 4 MiB, and only one of the two.
void answer_range_digest(const Incoming& request, bool ranged, Reply& reply) {
  const bool wants_md5 = request.has("x-ms-range-get-content-md5");
  const bool wants_crc64 = request.has("x-ms-range-get-content-crc64");
  if (!wants_md5 && !wants_crc64) return;
  if (!ranged || (wants_md5 && wants_crc64) || reply.body.size() > kDigestLimit) {
    throw Refusal("InvalidHeaderValue");
  }
  if (wants_md5) reply.set("Content-MD5", base64(md5(reply.body)));
  if (wants_crc64) reply.set("x-ms-content-crc64", crc64(reply.body));
}

}  // namespace

Reply Server::get_blob(const Turn& turn) {
  const Incoming& request = turn.request;
  Blob& blob = existing(turn.name);
  check_conditions(request, &blob, Access::read);
  poll_copy(blob);
  Reply reply = answer_properties(blob, options_.hierarchical);
  const std::size_t size = blob.bytes->size();
  // "If both are specified, the service uses the value of x-ms-range."
  const std::string range = request.header(request.has("x-ms-range") ? "x-ms-range" : "range");
  if (range.starts_with("bytes=-")) violations_.push_back("a suffix range: " + range);
  if (range.empty()) {
    reply.body = *blob.bytes;
    if (!blob.md5.empty()) reply.set("Content-MD5", blob.md5);
  } else {
    const Range asked = read_range(range, size);
    reply.status = 206;
    reply.body = blob.bytes->substr(asked.first, asked.last - asked.first + 1);
    reply.set("Content-Range", "bytes " + std::to_string(asked.first) + "-" +
                                   std::to_string(asked.last) + "/" + std::to_string(size));
    if (!blob.md5.empty()) reply.set("x-ms-blob-content-md5", blob.md5);
  }
  if (request.has("x-ms-range-get-content-crc64") && !options_.knows_crc64) {
    throw Refusal("FeatureNotSupported");
  }
  answer_range_digest(request, !range.empty(), reply);
  return reply;
}

Reply Server::get_properties(const Turn& turn) {
  Blob& blob = existing(turn.name);
  check_conditions(turn.request, &blob, Access::read);
  poll_copy(blob);
  Reply reply = answer_properties(blob, options_.hierarchical);
  if (!blob.md5.empty()) reply.set("Content-MD5", blob.md5);
  reply.set("Content-Length", std::to_string(blob.bytes->size()));
  return reply;
}

/// https://learn.microsoft.com/rest/api/storageservices/put-blob
/// The service keeps the MD5 of the body, or what x-ms-blob-content-md5 says if the body has it.
Reply Server::put_blob(const Turn& turn) {
  const Incoming& request = turn.request;
  if (request.header("x-ms-blob-type") != "BlockBlob") throw Refusal("InvalidHeaderValue");
  if (request.body.size() > options_.max_put) throw Refusal("RequestBodyTooLarge");
  check_body(request, options_.knows_crc64);
  const Blob* before = find(turn.name);
  check_write(turn, before);
  Blob blob{.bytes = std::make_shared<const std::string>(request.body),
            .metadata = metadata_of(request)};
  if (request.has("content-type")) blob.content["Content-Type"] = request.header("content-type");
  describe(request, blob);
  const std::string digest = base64(md5(request.body));
  if (!blob.md5.empty() && blob.md5 != digest) throw Refusal("Md5Mismatch");
  blob.md5 = digest;
  if (options_.hierarchical) blob.directory = blob.metadata.erase("hdi_isfolder") > 0;
  if (before != nullptr && before->directory != blob.directory) {
    throw Refusal("ResourceTypeMismatch");
  }
  uncommitted_.erase(turn.name);
  const Blob& stored = store(turn.name, std::move(blob));
  Reply reply{.status = 201,
              .headers = {{"ETag", stored.etag},
                          {"Last-Modified", http_date(stored.modified)},
                          {"x-ms-request-server-encrypted", "true"}}};
  answer_digests(request, reply);
  return reply;
}

Reply Server::set_metadata(const Turn& turn) {
  Blob& blob = existing(turn.name);
  check_write(turn, &blob);
  blob.metadata = metadata_of(turn.request);
  blob.etag = next_etag();
  blob.modified = now_;
  return {.headers = {{"ETag", blob.etag}, {"Last-Modified", http_date(blob.modified)}}};
}

/// https://learn.microsoft.com/rest/api/storageservices/delete-blob
Reply Server::delete_blob(const Turn& turn) {
  const Blob& blob = existing(turn.name);
  check_write(turn, &blob);
  const std::string snapshots = turn.request.header("x-ms-delete-snapshots");
  if (!snapshots.empty() && snapshots != "include" && snapshots != "only") {
    throw Refusal("InvalidHeaderValue");
  }
  if (blob.snapshots > 0 && snapshots.empty()) throw Refusal("SnapshotsPresent");
  if (blob.directory && has_children(turn.name)) throw Refusal("DirectoryIsNotEmpty");
  if (snapshots == "only") {
    blobs_[turn.name].snapshots = 0;
  } else {
    blobs_.erase(turn.name);
  }
  return {.status = 202, .headers = {{"x-ms-delete-type-permanent", "true"}}};
}

}  // namespace cairn::test::sim::azure
