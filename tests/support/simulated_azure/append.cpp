// Path - Update with action=append and action=flush:
// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

std::uint64_t position_of(const Incoming& request) {
  const auto position = read_number(request.parameter("position"));
  if (!position) throw Refusal("InvalidQueryParameterValue");
  return *position;
}

}  // namespace

/// 202: the data waits for a flush. Pieces may come in any order.
Reply Server::append(const Turn& turn) {
  const Incoming& request = turn.request;
  Blob& blob = existing(turn.name);
  if (blob.directory) throw Refusal("PathConflict");
  check_body(request, options_.knows_crc64);
  check_write(turn, &blob);
  const std::uint64_t position = position_of(request);
  if (request.body.empty()) throw Refusal("InvalidHeaderValue");
  if (position < blob.bytes->size()) throw Refusal("InvalidFlushPosition");
  blob.appended[position] = request.body;
  Reply reply{.status = 202, .headers = {{"x-ms-request-server-encrypted", "true"}}};
  answer_digests(request, reply);
  if (request.parameter("flush") != "true") return reply;
  commit_appended(turn.name, position + request.body.size());
  reply.set("ETag", blob.etag);
  return reply;
}

/// "The uploaded data must be contiguous, and position the length of the file after it."
Reply Server::flush(const Turn& turn) {
  const Incoming& request = turn.request;
  if (!request.body.empty()) throw Refusal("ContentLengthMustBeZero");
  Blob& blob = existing(turn.name);
  if (blob.directory) throw Refusal("PathConflict");
  check_write(turn, &blob);
  commit_appended(turn.name, position_of(request));
  describe(request, blob);
  Reply reply{.headers = {{"ETag", blob.etag}, {"Last-Modified", http_date(blob.modified)}}};
  reply.set("x-ms-request-server-encrypted", "true");
  return reply;
}

void Server::commit_appended(const std::string& name, std::uint64_t position) {
  Blob& blob = blobs_.at(name);
  std::string bytes = *blob.bytes;
  for (const auto& [at, piece] : blob.appended) {
    if (at == bytes.size() && at < position) bytes += piece;
  }
  if (bytes.size() != position) throw Refusal("InvalidFlushPosition");
  blob.bytes = std::make_shared<const std::string>(std::move(bytes));
  blob.appended.clear();
  blob.md5.clear();  // of the bytes before
  blob.etag = next_etag();
  blob.modified = now_;
  history_.emplace(name, md5(*blob.bytes));
}

}  // namespace cairn::test::sim::azure
