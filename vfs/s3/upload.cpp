#include "vfs/s3/upload.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/s3/doubt.hpp"
#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::uint32_t kMaxParts = 10'000;

}  // namespace

MultipartUpload::MultipartUpload(std::shared_ptr<Connection> connection, Path path,
                                 WriteOptions options, PartSource source)
    : connection_(std::move(connection)),
      path_(std::move(path)),
      options_(std::move(options)),
      checksums_(source == PartSource::memory && connection_->config().send_checksums),
      token_(net::make_token(*connection_->services().random)) {
  net::Call call{.operation = "start_upload",
                 .target = target(path_, {{"uploads", ""}}),
                 .request = {.method = "POST", .has_body = true},
                 .options = options_.call};
  add_description(call.request.headers, options_);
  add_object_options(call.request.headers, connection_->options(), options_);
  call.request.headers.set(kTokenHeader, token_);
  if (checksums_) {
    call.request.headers.set("x-amz-checksum-algorithm", "CRC32C");
    call.request.headers.set("x-amz-checksum-type", "FULL_OBJECT");
  }
  id_ = parse_field(connection_->require(std::move(call), path_).body, "UploadId");
  if (id_.empty()) {
    connection_->fail("start_upload", path_, ErrorCode::corrupt, "the answer holds no UploadId");
  }
}

MultipartUpload::~MultipartUpload() {
  abort();
}

Query MultipartUpload::part_query(std::uint32_t index) const {
  if (index >= kMaxParts) {
    connection_->fail("put_part", path_, ErrorCode::invalid_argument,
                      fmt::format("an upload has at most {} parts", kMaxParts),
                      "set a larger part size");
  }
  return {{"partNumber", std::to_string(index + 1)}, {"uploadId", id_}};
}

void MultipartUpload::put_part(std::uint32_t index, const Body& part, const CallOptions& options) {
  net::Call call{.operation = "put_part",
                 .target = target(path_, part_query(index)),
                 .request = {.method = "PUT", .body = part, .has_body = true},
                 .options = options};
  add_customer_key(call.request.headers, connection_->options().encryption);
  Part sent{.size = part.size()};
  if (checksums_) {
    sent.crc32c = crypto::crc32c(part);
    call.request.headers.set("x-amz-checksum-crc32c", crypto::base64_big_endian(*sent.crc32c));
  }
  const net::Response response = connection_->require(std::move(call), path_);
  sent.etag = response.headers.get("etag");
  keep(index, std::move(sent));
}

void MultipartUpload::copy_part(std::uint32_t index, std::string_view source, std::string_view etag,
                                ByteRange range, const CallOptions& options) {
  net::Call call{.operation = "copy_part",
                 .target = target(path_, part_query(index)),
                 .request = {.method = "PUT", .has_body = true},
                 .options = options};
  net::Headers& headers = call.request.headers;
  headers.set("x-amz-copy-source", source);
  headers.set("x-amz-copy-source-range",
              fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1));
  headers.set("x-amz-copy-source-if-match", etag);
  add_customer_key(headers, connection_->options().encryption);
  add_copy_source_options(headers, connection_->options());
  net::Response response = connection_->require(std::move(call), path_);
  keep(index, {.etag = parse_field(std::move(response.body), "ETag"), .size = range.length});
}

void MultipartUpload::keep(std::uint32_t index, Part part) {
  if (part.etag.empty()) {
    connection_->fail("put_part", path_, ErrorCode::corrupt, "the answer holds no ETag");
  }
  parts_.keep(index, std::move(part));
}

std::vector<Part> MultipartUpload::complete_parts(const CallOptions& options) {
  if (parts_.empty()) put_part(0, {}, options);  // an empty object has one part, too
  return parts_.complete(*connection_, path_);
}

net::Call MultipartUpload::complete_call(const std::vector<Part>& parts, std::uint64_t size) const {
  net::Call call{.operation = "commit",
                 .target = target(path_, {{"uploadId", id_}}),
                 .request = xml_request("POST", complete_xml(parts))};
  add_conditions(call.request.headers, options_);
  add_customer_key(call.request.headers, connection_->options().encryption);
  call.request.headers.set("x-amz-mp-object-size", std::to_string(size));
  if (!checksums_ || size == 0) return call;  // MinIO refuses the right one of an empty object
  std::uint32_t crc = 0;
  for (const Part& part : parts) {
    crc = crypto::crc_combine(crypto::kCrc32cPolynomial, crc, *part.crc32c, part.size);
  }
  call.request.headers.set("x-amz-checksum-crc32c", crypto::base64_big_endian(crc));
  call.request.headers.set("x-amz-checksum-type", "FULL_OBJECT");
  return call;
}

WriteResult MultipartUpload::commit(const CallOptions& options) {
  const std::vector<Part> parts = complete_parts(options);
  std::uint64_t size = 0;
  for (const Part& part : parts) size += part.size;
  net::Call call = complete_call(parts, size);
  call.options = options;
  call.retry_conflict = false;  // S3: all parts have to be sent again
  call.response_patience = connection_->services().config.http.commit_timeout;
  const net::Outcome outcome = connection_->send(std::move(call), path_);
  WriteResult result;
  if (outcome.ok()) {
    result = {.size = size,
              .etag = parse_field(outcome.response.body, "ETag"),
              .version = std::string(outcome.response.headers.get("x-amz-version-id"))};
  } else {
    // A lost answer, or "no such upload" after one: the object itself tells whether this upload
    // made it.
    WriteOptions doubted = options_;
    doubted.call = options;
    result = settle(*connection_, "commit", path_, outcome,
                    {.token = token_, .etag = multipart_etag(parts), .size = size}, doubted);
  }
  ended_ = true;
  return result;
}

void MultipartUpload::abort() noexcept {
  if (std::exchange(ended_, true)) return;
  try {
    static_cast<void>(connection_->send({.operation = "abort",
                                         .target = target(path_, {{"uploadId", id_}}),
                                         .request = {.method = "DELETE"},
                                         .options = net::abort_options(options_.call)},
                                        path_));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a lifecycle rule of the bucket removes it
  }
}

}  // namespace cairn::vfs::s3
