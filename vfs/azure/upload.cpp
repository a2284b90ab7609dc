#include "vfs/azure/upload.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/azure/doubt.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"

namespace cairn::vfs::azure {

BlockUpload::BlockUpload(std::shared_ptr<Connection> connection, Path path, WriteOptions options)
    : connection_(std::move(connection)),
      path_(std::move(path)),
      options_(std::move(options)),
      token_(net::make_token(*connection_->services().random)) {
  add_description(description_, options_, connection_->tier());
  description_.set(kTokenHeader, token_);
}

std::string BlockUpload::part_target(std::uint32_t index) const {
  if (index >= kMaxBlocks) {
    connection_->fail("put_part", path_, ErrorCode::invalid_argument,
                      fmt::format("a blob has at most {} blocks", kMaxBlocks),
                      "set a larger part size");
  }
  return connection_->target(path_, {{"comp", "block"}, {"blockid", block_id(token_, index)}});
}

void BlockUpload::put_part(std::uint32_t index, const Body& part, const CallOptions& options) {
  const Part sent{.size = part.size(), .crc64 = crypto::crc64nvme(part)};
  net::Call call{.operation = "put_part",
                 .target = part_target(index),
                 .request = {.method = "PUT", .body = part, .has_body = true},
                 .options = options};
  call.request.headers.set(kCrc64Header, crypto::base64_little_endian(*sent.crc64));
  if (part.size() != 0) connection_->require(std::move(call), path_);  // there are no empty blocks
  parts_.keep(index, sent);
}

void BlockUpload::copy_part(std::uint32_t index, const net::Headers& source, ByteRange range,
                            const CallOptions& options) {
  net::Call call{.operation = "copy_part",
                 .target = part_target(index),
                 .request = {.method = "PUT", .headers = source, .has_body = true},
                 .response_patience = connection_->services().config.http.commit_timeout,
                 .options = options};
  call.request.headers.set("x-ms-source-range", fmt::format("bytes={}-{}", range.offset,
                                                            range.offset + range.length - 1));
  connection_->require(std::move(call), path_);
  parts_.keep(index, {.size = range.length});
}

std::optional<Checksum> BlockUpload::checksum_of(const std::vector<Part>& parts) const {
  Checksum whole{.type = ChecksumType::crc64nvme};
  for (const Part& part : parts) {
    if (!part.crc64) return checksum_;
    whole.value =
        crypto::crc_combine(crypto::kCrc64NvmePolynomial, whole.value, *part.crc64, part.size);
  }
  return whole;
}

WriteResult BlockUpload::commit(const CallOptions& options) {
  const std::vector<Part> parts = parts_.complete(*connection_, path_);
  std::vector<std::string> ids;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    size += parts[i].size;
    if (parts[i].size != 0) ids.push_back(block_id(token_, static_cast<std::uint32_t>(i)));
  }
  net::Call call{.operation = "commit",
                 .target = connection_->target(path_, {{"comp", "blocklist"}}),
                 .request = xml_request("PUT", block_list_xml(ids)),
                 .response_patience = connection_->services().config.http.commit_timeout,
                 .options = options};
  net::Headers& headers = call.request.headers;
  for (const auto& [name, value] : description_) headers.set(name, value);
  if (const auto whole = checksum_of(parts)) {
    headers.set(kChecksumHeader, checksum_value(whole->value, size));
  }
  add_conditions(headers, options_);
  headers.set(kCrc64Header, crypto::base64_little_endian(crypto::crc64nvme(call.request.body)));
  const net::Outcome outcome = connection_->send(std::move(call), path_);
  if (outcome.ok()) {
    const net::Headers& answer = outcome.response.headers;
    return {.size = size,
            .etag = std::string(answer.get("etag")),
            .version = std::string(answer.get("x-ms-version-id"))};
  }
  WriteOptions doubted = options_;
  doubted.call = options;
  return settle(*connection_, "commit", path_, outcome, {.token = token_, .size = size}, doubted);
}

}  // namespace cairn::vfs::azure
