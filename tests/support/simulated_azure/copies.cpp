// Copy Blob, Copy Blob From URL, Abort Copy Blob, Put Blob From URL.
#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/sas.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

/// How a copy says what is wrong with its source: with the status that reading it would have.
[[noreturn]] void refuse_source(int status, const std::string& message) {
  Refusal refusal("CannotVerifyCopySource");
  refusal.status = status;
  refusal.message = message;
  throw refusal;
}

Reply answer_copy(const Blob& blob, int status) {
  Reply reply{.status = status,
              .headers = {{"ETag", blob.etag}, {"Last-Modified", http_date(blob.modified)}}};
  if (!blob.copy) return reply;
  reply.set("x-ms-copy-id", blob.copy->id);
  reply.set("x-ms-copy-status", std::string(name_of(blob.copy->status)));
  return reply;
}

/// "True", as azure-storage-blob writes it, is as good.
bool asks_for_sync(const Incoming& request) {
  const std::string value = request.header("x-ms-requires-sync");
  if (value == "true" || value == "True") return true;
  if (!value.empty() && value != "false" && value != "False") throw Refusal("InvalidHeaderValue");
  return false;
}

std::string copy_id(const std::string& etag) {
  return "11111111-2222-3333-4444-" + etag.substr(5, 12);
}

}  // namespace

/// The URL in x-ms-copy-source. Who may read it (pages "Copy Blob", "Put Blob From URL"): the
/// bearer of a SAS in that URL, or of x-ms-copy-source-authorization; for the asynchronous Copy
/// Blob within the account its key or token is enough; else it must be public.
const Blob& Server::source_of(const Turn& turn, std::string* name) const {
  const Incoming& request = turn.request;
  const bool by_url = turn.rule.call != Call::copy_blob || asks_for_sync(request);
  if (by_url && !options_.knows_from_url && turn.rule.call != Call::copy_blob) {
    Refusal refusal("FeatureNotSupported");
    refusal.status = 501;
    throw refusal;
  }
  const std::string url = request.header("x-ms-copy-source");
  Incoming source = read_request({.url = url});
  Address address = read_address(source, options_.account.name, options_.dfs_host);
  address.secure = url.starts_with("https://");
  if (url.size() > 2048 || address.name.empty()) throw Refusal("InvalidHeaderValue");
  if (address.account != options_.account.name) refuse_source(404, "Another account.");
  if (source.asks("sig")) {
    try {
      const auto permissions = check_sas(source.query, address, 'o', options_.account, now_);
      if (permissions.find('r') == permissions.npos) {
        throw Refusal("AuthorizationPermissionMismatch");
      }
    } catch (const Refusal& refusal) {
      refuse_source(refusal.status, refusal.message);
    }
  } else if (request.has("x-ms-copy-source-authorization")) {
    const std::string authorization = request.header("x-ms-copy-source-authorization");
    if (!authorization.starts_with("Bearer ")) throw Refusal("InvalidHeaderValue");
    try {
      check_bearer(authorization, options_.account);
    } catch (const Refusal& refusal) {
      refuse_source(refusal.status, refusal.message);
    }
  } else if (!options_.account.public_access && (by_url || !turn.grant.whole_account)) {
    refuse_source(401, Refusal("NoAuthenticationInformation").message);
  }
  const Blob* blob = address.container == options_.container ? find(address.name) : nullptr;
  if (blob == nullptr) refuse_source(404, Refusal("BlobNotFound").message);
  if (!meets_source_conditions(request, *blob)) {
    if (!by_url) throw Refusal("SourceConditionNotMet");
    refuse_source(412, Refusal("ConditionNotMet").message);
  }
  if (name != nullptr) *name = address.name;
  return *blob;
}

/// https://learn.microsoft.com/rest/api/storageservices/copy-blob (202, asynchronous) and
/// https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url (x-ms-requires-sync).
/// Without metadata of its own the copy has the source's. Until it is done the blob has no bytes.
Reply Server::copy_blob(const Turn& turn) {
  const Incoming& request = turn.request;
  if (!request.body.empty()) throw Refusal("InvalidHeaderValue");
  const bool sync = asks_for_sync(request);
  check_write(turn, find(turn.name));
  std::string source_key;
  const Blob& source = source_of(turn, &source_key);
  if (sync && source.bytes->size() > options_.max_sync_copy) {
    refuse_source(409, "The source is larger than what is copied at once.");
  }
  const std::string url = request.header("x-ms-copy-source");
  Blob blob{.content = source.content, .md5 = source.md5, .metadata = metadata_of(request)};
  if (blob.metadata.empty()) blob.metadata = source.metadata;
  blob.copy = Copy{.source = url.substr(0, url.find('?')),
                   .status = CopyStatus::pending,
                   .polls = sync ? 0 : options_.copy_polls,
                   .bytes = source.bytes,
                   .source_key = source_key,
                   .source_etag = source.etag};
  if (sync || options_.copy_polls == 0) {
    blob.bytes = source.bytes;
    blob.blocks = source.blocks;
    blob.copy->status = CopyStatus::success;
  }
  uncommitted_.erase(turn.name);
  Blob& stored = store(turn.name, std::move(blob));
  stored.copy->id = copy_id(stored.etag);
  return answer_copy(stored, 202);
}

/// One look at a pending copy. "If the source changes while the copy is pending, it fails."
void Server::poll_copy(Blob& blob) {
  if (!blob.copy || blob.copy->status != CopyStatus::pending || blob.copy->polls-- > 0) return;
  Copy& copy = *blob.copy;
  const Blob* source = find(copy.source_key);
  copy.status = options_.copy_end;
  if (source == nullptr || source->etag != copy.source_etag) {
    copy.status = CopyStatus::failed;
    copy.description = "412 PreconditionFailed \"Copy failed when reading the source.\"";
  } else if (copy.status == CopyStatus::failed) {
    copy.description = "500 InternalServerError \"Copy failed when reading the source.\"";
  }
  if (copy.status == CopyStatus::success) blob.bytes = copy.bytes;
  blob.etag = next_etag();
  blob.modified = now_;
  for (const auto& [name, held] : blobs_) {
    if (&held == &blob) history_.emplace(name, md5(*blob.bytes));
  }
}

/// https://learn.microsoft.com/rest/api/storageservices/abort-copy-blob
/// 204; "leaves a destination blob with zero length and full metadata".
Reply Server::abort_copy(const Turn& turn) {
  if (turn.request.header("x-ms-copy-action") != "abort") throw Refusal("InvalidHeaderValue");
  Blob& blob = existing(turn.name);
  if (!blob.copy || blob.copy->status != CopyStatus::pending ||
      blob.copy->id != turn.request.parameter("copyid")) {
    throw Refusal("NoPendingCopyOperation");
  }
  blob.copy->status = CopyStatus::aborted;
  blob.etag = next_etag();
  blob.modified = now_;
  return {.status = 204};
}

/// https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
/// Properties come from the source unless x-ms-copy-source-blob-properties is false; metadata never
/// do if the request has any.
Reply Server::put_blob_from_url(const Turn& turn) {
  const Incoming& request = turn.request;
  if (!request.body.empty() || request.header("x-ms-blob-type") != "BlockBlob") {
    throw Refusal("InvalidHeaderValue");
  }
  check_write(turn, find(turn.name));
  const Blob& source = source_of(turn);
  if (source.bytes->size() > options_.max_put) {
    refuse_source(409, "The source is larger than what is copied at once.");
  }
  if (request.has("x-ms-source-content-md5") &&
      request.header("x-ms-source-content-md5") != base64(md5(*source.bytes))) {
    throw Refusal("Md5Mismatch");
  }
  Blob blob{.bytes = source.bytes, .metadata = metadata_of(request)};
  if (blob.metadata.empty()) blob.metadata = source.metadata;
  if (request.header("x-ms-copy-source-blob-properties") != "false") {
    blob.content = source.content;
    blob.md5 = source.md5;
  }
  describe(request, blob);
  uncommitted_.erase(turn.name);
  Reply reply = answer_copy(store(turn.name, std::move(blob)), 201);
  reply.set("x-ms-content-crc64", crc64(*find(turn.name)->bytes));
  return reply;
}

}  // namespace cairn::test::sim::azure
