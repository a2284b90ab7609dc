// Multipart uploads of the XML API. They know no conditions: an object that has one is made under a
// temporary name, and rewritten from there.
// https://cloud.google.com/storage/docs/multipart-uploads
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/crypto/crc.hpp"
#include "vfs/gcs/copy.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/remove.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/gcs/temporary.hpp"
#include "vfs/gcs/upload.hpp"
#include "vfs/gcs/write.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr std::uint32_t kMaxParts = 10'000;

class XmlUpload final : public Upload {
 public:
  XmlUpload(std::shared_ptr<Connection> connection, const Path& path, WriteOptions options);
  ~XmlUpload() override { abort(); }
  XmlUpload(const XmlUpload&) = delete;
  XmlUpload& operator=(const XmlUpload&) = delete;

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override;
  WriteResult commit(const CallOptions& options) override;
  void abort() noexcept override;

 private:
  [[nodiscard]] bool conditional() const {
    return net::condition_of(options_) != net::Condition::none;
  }
  [[nodiscard]] std::string target(const Query& query) const {
    return xml_target(connection_->bucket(), made_, query);
  }
  [[nodiscard]] std::vector<XmlPart> complete_parts(const CallOptions& options);
  [[nodiscard]] WriteResult complete(const CallOptions& options);
  [[nodiscard]] std::optional<FileInfo> made_info(const net::Outcome& outcome,
                                                  const CallOptions& options);

  std::shared_ptr<Connection> connection_;
  Path path_;
  WriteOptions options_;
  std::string token_;
  Path made_;  // the path, or a temporary one
  std::string id_{};
  bool ended_{false};
  bool temporary_{false};  // there may be an object under the temporary name
  net::PartList<XmlPart> parts_;
};

XmlUpload::XmlUpload(std::shared_ptr<Connection> connection, const Path& path, WriteOptions options)
    : connection_(std::move(connection)),
      path_(path),
      options_(std::move(options)),
      token_(net::make_token(*connection_->services().random)),
      made_(conditional() ? Path(temporary_folder(path, token_).string() + "whole") : path) {
  net::Call call{.operation = "start_upload",
                 .target = target({{"uploads", ""}}),
                 .request = {.method = "POST", .has_body = true},
                 .options = options_.call};
  add_description(call.request.headers, options_, connection_->config().storage_class, token_);
  id_ = parse_field(connection_->require(std::move(call), path_).body, "UploadId");
  if (id_.empty()) {
    connection_->fail("start_upload", path_, ErrorCode::corrupt, "the answer holds no UploadId");
  }
}

void XmlUpload::put_part(std::uint32_t index, const Body& part, const CallOptions& options) {
  if (index >= kMaxParts) {
    connection_->fail("put_part", path_, ErrorCode::invalid_argument,
                      fmt::format("an upload has at most {} parts", kMaxParts),
                      "set a larger part size");
  }
  XmlPart sent{.crc32c = crypto::crc32c(part), .size = part.size()};
  net::Call call{.operation = "put_part",
                 .target = target({{"partNumber", std::to_string(index + 1)}, {"uploadId", id_}}),
                 .request = {.method = "PUT", .body = part, .has_body = true},
                 .options = options};
  call.request.headers.set("x-goog-hash", hash_header(sent.crc32c));
  sent.etag = connection_->require(std::move(call), path_).headers.get("etag");
  parts_.keep(index, std::move(sent));
}

std::vector<XmlPart> XmlUpload::complete_parts(const CallOptions& options) {
  if (parts_.empty()) put_part(0, {}, options);  // an empty object has one part, too
  return parts_.complete(*connection_, path_);
}

/// The object that a completed upload has made, where its headers do not tell. Absent: it was
/// replaced at once.
std::optional<FileInfo> XmlUpload::made_info(const net::Outcome& outcome,
                                             const CallOptions& options) {
  const auto object =
      get_object(*connection_, made_, parse_version(outcome.response.headers), options);
  if (!object || object->token != token_) return {};
  return object->info;
}

WriteResult XmlUpload::complete(const CallOptions& options) {
  const std::vector<XmlPart> parts = complete_parts(options);
  Evidence sent{.token = token_, .crc32c = 0};
  for (const XmlPart& part : parts) {
    sent.size += part.size;
    sent.crc32c =
        crypto::crc_combine(crypto::kCrc32cPolynomial, *sent.crc32c, part.crc32c, part.size);
  }
  temporary_ = conditional();
  const net::Outcome outcome =
      connection_->send({.operation = "commit",
                         .target = target({{"uploadId", id_}}),
                         .request = complete_request(parts),
                         .response_patience = connection_->services().config.http.commit_timeout,
                         .options = options},
                        path_);
  if (!outcome.ok()) {
    // The condition is not of this step.
    const WriteOptions doubted{.call = options};
    const WriteResult result = settle(*connection_, "commit", made_, outcome, sent, doubted);
    ended_ = true;
    return result;
  }
  ended_ = true;
  const auto hash = parse_checksum(outcome.response.headers);
  FileInfo info{.path = made_, .size = sent.size, .checksum = hash};
  info.etag = info.version = parse_version(outcome.response.headers);
  if (info.version.empty() || !hash) info = made_info(outcome, options).value_or(info);
  check_written(*connection_, "commit", made_, info, sent, options);
  return {.size = sent.size, .etag = info.etag, .version = info.version};
}

WriteResult XmlUpload::commit(const CallOptions& options) {
  WriteResult result = complete(options);
  if (!conditional()) return result;
  WriteOptions rewriting{.if_absent = options_.if_absent, .if_match = options_.if_match};
  rewriting.call = options;
  result = copy_object(*connection_, made_, path_, rewriting);
  abort();  // of the temporary object
  return result;
}

void XmlUpload::abort() noexcept {
  try {
    const CallOptions options = net::abort_options(options_.call);
    if (std::exchange(temporary_, false)) remove_object(*connection_, made_, options);
    if (std::exchange(ended_, true)) return;
    static_cast<void>(connection_->send({.operation = "abort",
                                         .target = target({{"uploadId", id_}}),
                                         .request = {.method = "DELETE"},
                                         .options = options},
                                        path_));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a lifecycle rule of the bucket removes it
  }
}

}  // namespace

std::unique_ptr<Upload> start_xml_upload(const std::shared_ptr<Connection>& connection,
                                         const Path& path, const WriteOptions& options) {
  return std::make_unique<XmlUpload>(connection, path, options);
}

}  // namespace cairn::vfs::gcs
