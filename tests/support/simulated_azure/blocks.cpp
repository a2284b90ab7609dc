// Put Block, Put Block From URL, Put Block List, Get Block List.
#include <algorithm>
#include <set>

#include <pugixml.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::size_t kUncommittedLimit = 100'000;

/// "bytes=a-b" of x-ms-source-range; it must lie within the source.
std::string slice(const Blob& source, const std::string& range) {
  if (range.empty()) return *source.bytes;
  const std::size_t dash = range.find('-');
  if (!range.starts_with("bytes=") || dash == range.npos) throw Refusal("InvalidHeaderValue");
  const auto first = read_number(range.substr(6, dash - 6));
  const auto last = read_number(range.substr(dash + 1));
  if (!first || !last || *first > *last) throw Refusal("InvalidHeaderValue");
  if (*last >= source.bytes->size()) throw Refusal("InvalidRange");
  return source.bytes->substr(*first, *last - *first + 1);
}

std::string block_xml(const std::string& id, std::size_t size) {
  return "<Block><Name>" + id + "</Name><Size>" + std::to_string(size) + "</Size></Block>";
}

using Blocks = std::vector<std::pair<std::string, std::string>>;

const std::string* find_block(const Blocks& blocks, const std::string& id) {
  const auto found =
      std::ranges::find_if(blocks, [&](const auto& block) { return block.first == id; });
  return found == blocks.end() ? nullptr : &found->second;
}

}  // namespace

/// https://learn.microsoft.com/rest/api/storageservices/put-block
/// "The block ID must be a Base64 string of at most 64 bytes before encoding; all IDs of a blob
/// must be of the same size."
void Server::stage(const Turn& turn, std::string bytes) {
  const std::string id = turn.request.parameter("blockid");
  if (id.empty()) violate("Put Block without blockid", "MissingRequiredQueryParameter");
  const auto raw = from_base64(id);
  if (!raw || raw->empty() || raw->size() > 64) throw Refusal("InvalidBlockId");
  if (bytes.empty()) throw Refusal("InvalidHeaderValue");
  if (bytes.size() > options_.max_block) throw Refusal("RequestBodyTooLarge");
  const Blob* blob = find(turn.name);
  if (blob != nullptr && blob->directory) throw Refusal("ResourceTypeMismatch");
  auto& blocks = uncommitted_[turn.name];
  const bool fits = std::ranges::all_of(
      blocks, [&](const auto& block) { return block.first.size() == id.size(); });
  const bool fits_committed =
      blob == nullptr || std::ranges::all_of(blob->blocks, [&](const auto& block) {
        return block.first.size() == id.size();
      });
  if (!fits || !fits_committed) throw Refusal("InvalidBlobOrBlock");
  if (!blocks.contains(id) && blocks.size() >= kUncommittedLimit) {
    throw Refusal("BlockCountExceedsLimit");
  }
  blocks[id] = std::move(bytes);
}

Reply Server::put_block(const Turn& turn) {
  check_body(turn.request, options_.knows_crc64);
  check_write(turn, find(turn.name));
  stage(turn, turn.request.body);
  Reply reply{.status = 201, .headers = {{"x-ms-request-server-encrypted", "true"}}};
  answer_digests(turn.request, reply);
  return reply;
}

/// https://learn.microsoft.com/rest/api/storageservices/put-block-from-url
Reply Server::put_block_from_url(const Turn& turn) {
  const Incoming& request = turn.request;
  if (!request.body.empty()) throw Refusal("ContentLengthMustBeZero");
  check_write(turn, find(turn.name));
  std::string bytes = slice(source_of(turn), request.header("x-ms-source-range"));
  const std::string digest = crc64(bytes);
  if (request.has("x-ms-source-content-crc64") &&
      request.header("x-ms-source-content-crc64") != digest) {
    throw Refusal("Crc64Mismatch");
  }
  if (request.has("x-ms-source-content-md5") &&
      request.header("x-ms-source-content-md5") != base64(md5(bytes))) {
    throw Refusal("Md5Mismatch");
  }
  stage(turn, std::move(bytes));
  return {.status = 201, .headers = {{"x-ms-content-crc64", digest}}};
}

/// https://learn.microsoft.com/rest/api/storageservices/put-block-list
/// "Latest" looks among the uncommitted blocks first; what is not in the list is thrown away, from
/// both lists. Metadata and properties become those of this request.
Reply Server::put_block_list(const Turn& turn) {
  const Incoming& request = turn.request;
  check_body(request, options_.knows_crc64);
  pugi::xml_document document;
  if (!document.load_buffer(request.body.data(), request.body.size()) ||
      !document.child("BlockList")) {
    throw Refusal("InvalidXmlDocument");
  }
  const Blob* before = find(turn.name);
  check_write(turn, before);
  const auto& staged = uncommitted_[turn.name];
  Blob blob{.metadata = metadata_of(request)};
  describe(request, blob);
  std::string bytes;
  for (const pugi::xml_node& node : document.child("BlockList").children()) {
    const std::string mode = node.name();
    const std::string id = node.text().get();
    if (mode != "Latest" && mode != "Committed" && mode != "Uncommitted") {
      throw Refusal("InvalidXmlDocument");
    }
    const auto fresh = staged.find(id);
    const std::string* block = before == nullptr ? nullptr : find_block(before->blocks, id);
    if (mode == "Uncommitted") block = nullptr;
    if (mode != "Committed" && fresh != staged.end()) block = &fresh->second;
    if (block == nullptr) throw Refusal("InvalidBlockList");
    bytes += *block;
    blob.blocks.emplace_back(id, *block);
  }
  if (blob.blocks.size() > options_.max_blocks) throw Refusal("BlockListTooLong");
  if (before != nullptr && before->directory) throw Refusal("ResourceTypeMismatch");
  blob.bytes = std::make_shared<const std::string>(std::move(bytes));
  const Blob& stored = store(turn.name, std::move(blob));
  uncommitted_.erase(turn.name);
  Reply reply{.status = 201,
              .headers = {{"ETag", stored.etag},
                          {"Last-Modified", http_date(stored.modified)},
                          {"x-ms-request-server-encrypted", "true"}}};
  answer_digests(request, reply);
  return reply;
}

/// https://learn.microsoft.com/rest/api/storageservices/get-block-list
Reply Server::get_block_list(const Turn& turn) const {
  const Blob* blob = find(turn.name);
  const auto staged = uncommitted_.find(turn.name);
  const bool has_staged = staged != uncommitted_.end() && !staged->second.empty();
  if (blob == nullptr && !has_staged) throw Refusal("BlobNotFound");
  std::string type = turn.request.parameter("blocklisttype");
  if (type.empty()) type = "committed";
  if (type != "committed" && type != "uncommitted" && type != "all") {
    throw Refusal("InvalidQueryParameterValue");
  }
  std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  if (type != "uncommitted") {
    body += "<CommittedBlocks>";
    if (blob != nullptr) {
      for (const auto& [id, bytes] : blob->blocks) body += block_xml(id, bytes.size());
    }
    body += "</CommittedBlocks>";
  }
  if (type != "committed") {
    body += "<UncommittedBlocks>";
    if (has_staged) {
      for (const auto& [id, bytes] : staged->second) body += block_xml(id, bytes.size());
    }
    body += "</UncommittedBlocks>";
  }
  Reply reply{.headers = {{"Content-Type", "application/xml"}}, .body = body + "</BlockList>"};
  if (blob == nullptr) return reply;  // "ETag and Last-Modified: only if there are committed ones"
  reply.set("ETag", blob->etag);
  reply.set("Last-Modified", http_date(blob->modified));
  reply.set("x-ms-blob-content-length", std::to_string(blob->bytes->size()));
  return reply;
}

}  // namespace cairn::test::sim::azure
