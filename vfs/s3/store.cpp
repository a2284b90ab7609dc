#include "vfs/s3/store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "vfs/base/services.hpp"
#include "vfs/context.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/parts.hpp"
#include "vfs/net/text.hpp"
#include "vfs/powers.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/s3/copy.hpp"
#include "vfs/s3/doubt.hpp"
#include "vfs/s3/errors.hpp"
#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/remove.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/upload.hpp"

namespace cairn::vfs {
namespace {

using namespace s3;  // the parts that this store is made of

constexpr Capabilities kCapabilities{
    .create_only = true,
    .replace_if_match = true,
    .server_side_copy = true,
    .create_only_copy = true,
    .ordered_listing = true,
    .max_put = 5ULL << 30U,
    .min_part = 5ULL << 20U,
    .max_part = 5ULL << 30U,
    .max_parts = 10'000,
    .part_size = 8ULL << 20U,
    .metadata = true,
    .object_options = true,
    .checksums = true,
    .parallel_parts = true,
};

Query version_query(const std::string& version) {
  return version.empty() ? Query{} : Query{{"versionId", version}};
}

class S3Store final : public Store, public Presigner, public Versions, public Uploads {
 public:
  S3Store(const Url& root, const Services& services)
      : connection_(std::make_shared<Connection>(root.scheme(), root.authority(), services)) {}

  [[nodiscard]] const Capabilities& capabilities() const override { return kCapabilities; }
  [[nodiscard]] std::string url(const Path& path) const override { return connection_->url(path); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override;
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override;
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override;
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    return std::make_unique<MultipartUpload>(connection_, path, options, PartSource::memory);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override;
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override {
    return remove_objects(*connection_, paths, options);
  }
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override;
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override;

  Secret sign(const Path& path, const SignOptions& options) override;
  VersionPage list_versions_page(const Path& prefix, const std::string& page_token,
                                 const CallOptions& options) override;
  std::optional<FileInfo> stat_version(const Path& path, const std::string& version,
                                       const CallOptions& options) override {
    return head(path, version, options);
  }
  void remove_version(const Path& path, const std::string& version,
                      const CallOptions& options) override {
    remove_object(*connection_, path, version, options);
  }
  UploadPage list_uploads_page(const Path& prefix, const std::string& page_token,
                               const CallOptions& options) override;
  void abort_upload(const Path& path, const std::string& id, const CallOptions& options) override;

 private:
  UploadPage ask_for_uploads(const Path& prefix, const std::string& page_token,
                             const CallOptions& options);
  void check_bucket(const Path& path, const CallOptions& options);
  ReadResult read_empty(const Path& path, const ReadOptions& options);
  [[nodiscard]] std::optional<FileInfo> head(const Path& path, const std::string& version,
                                             const CallOptions& options);

  std::shared_ptr<Connection> connection_;
};

std::optional<FileInfo> S3Store::stat(const Path& path, const CallOptions& options) {
  if (path.empty()) return {};  // the bucket itself is no file
  return head(path, {}, options);
}

std::optional<FileInfo> S3Store::head(const Path& path, const std::string& version,
                                      const CallOptions& options) {
  net::Call call{.operation = "stat",
                 .target = target(path, version_query(version)),
                 .request = head_request(),
                 .options = options};
  add_customer_key(call.request.headers, connection_->options().encryption);
  const net::Outcome outcome = connection_->send(std::move(call), path);
  const int status = outcome.failure ? 0 : outcome.response.status;
  if ((status == 403 || status == 404) && !connection_->proven()) check_bucket(path, options);
  if (status == 404) return {};
  // A version that is a delete marker: HEAD of it is "not allowed".
  if (status == 405 && outcome.response.headers.get("x-amz-delete-marker") == "true") return {};
  if (!outcome.ok()) connection_->fail("stat", path, outcome);
  return parse_info(path, outcome.response.headers);
}

/// A HEAD that finds nothing does not say why: the bucket can be missing, and some servers say so
/// of an access key that they do not know. Absence is data, so it must not hide either; asked once.
void S3Store::check_bucket(const Path& path, const CallOptions& options) {
  const net::Outcome outcome = connection_->send(
      {.operation = "stat", .target = list_target(path, {.page_size = 1}), .options = options},
      path);
  if (!outcome.error) return;
  const bool no_bucket = outcome.error->code == "NoSuchBucket";
  const ErrorCode code = code_of(outcome.response.status, outcome.error->code);
  if (no_bucket || code == ErrorCode::unauthenticated) connection_->fail("stat", path, outcome);
}

ReadResult S3Store::read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                         const ReadOptions& options) {
  if (out.empty()) return read_empty(path, options);
  net::Call call{.operation = "read",
                 .target = target(path, version_query(options.version)),
                 .destination = out,
                 .digest = options.digest.value_or(ChecksumType::crc32c),
                 .options = options.call};
  add_customer_key(call.request.headers, connection_->options().encryption);
  // A range is asked for even of the first bytes: of an object that is larger, the rest would be
  // sent in vain. Only what is asked for without a range comes with its checksum.
  if (offset != 0 || !options.entire) call.range_start = offset;
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  if (offset == 0) call.request.headers.set("x-amz-checksum-mode", "ENABLED");
  const net::Outcome outcome = connection_->send(std::move(call), path);
  if (!outcome.failure && outcome.response.status == 416) return read_empty(path, options);
  if (!outcome.ok()) connection_->fail("read", path, outcome);
  const net::Response& response = outcome.response;
  return {.bytes = response.received,
          .info = parse_info(path, response.headers),
          .checksum = response.checksum};
}

/// Past the end, or an empty object: only its head is of interest.
ReadResult S3Store::read_empty(const Path& path, const ReadOptions& options) {
  net::Call call{.operation = "read",
                 .target = target(path, version_query(options.version)),
                 .request = head_request(),
                 .options = options.call};
  add_customer_key(call.request.headers, connection_->options().encryption);
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  const net::Response response = connection_->require(std::move(call), path);
  return {.bytes = 0, .info = parse_info(path, response.headers)};
}

WriteResult S3Store::put(const Path& path, const Body& body, const WriteOptions& options) {
  net::Call call{.operation = "write",
                 .target = target(path),
                 .request = {.method = "PUT", .body = body, .has_body = true},
                 .options = options.call};
  net::Headers& headers = call.request.headers;
  add_description(headers, options);
  add_object_options(headers, connection_->options(), options);
  add_conditions(headers, options);
  if (connection_->config().send_checksums) {
    headers.set("x-amz-checksum-crc32c", crypto::base64_big_endian(crypto::crc32c(body)));
  }
  // Without a condition a second attempt does no harm; with one, the token tells our own write from
  // another's.
  const bool conditional = options.if_absent || !options.if_match.empty();
  const std::string token =
      conditional ? net::make_token(*connection_->services().random) : std::string{};
  if (conditional) headers.set(kTokenHeader, token);
  const net::Outcome outcome = connection_->send(std::move(call), path);
  if (outcome.ok()) {
    const net::Headers& answer = outcome.response.headers;
    return {.size = body.size(),
            .etag = std::string(answer.get("etag")),
            .version = std::string(answer.get("x-amz-version-id"))};
  }
  if (!conditional) connection_->fail("write", path, outcome);
  return settle(*connection_, "write", path, outcome, {.token = token, .size = body.size()},
                options);
}

ListPage S3Store::list_page(const Path& prefix, const ListOptions& options) {
  net::Response response = connection_->require(
      {.operation = "list", .target = list_target(prefix, options), .options = options.call},
      prefix);
  return net::require_page(*connection_, "list", prefix, parse_list_page(std::move(response.body)),
                           "a list of objects", options.page_token);
}

WriteResult S3Store::copy(const Path& from, const Path& to, const WriteOptions& options) {
  const std::optional<FileInfo> source = head(from, options.source_version, options.call);
  if (!source) connection_->fail("copy", from, ErrorCode::not_found, "there is no such file");
  const bool itself = from == to && options.source_version.empty();
  if (options.if_absent && itself) {
    connection_->fail("copy", to, ErrorCode::already_exists, "source and target are the same");
  }
  if (itself && !changes_anything(options)) {
    return {.size = source->size, .etag = source->etag, .version = source->version};
  }
  if (source->size == 0 && (options.if_absent || !options.if_match.empty())) {
    WriteOptions empty = options;  // there is no part to copy
    if (empty.content_type.empty()) empty.content_type = source->content_type;
    if (empty.metadata.empty()) empty.metadata = source->metadata;
    return put(to, {}, empty);
  }
  return copy_object(connection_, {*source, options.source_version}, to, options);
}

WriteResult S3Store::move(const Path& from, const Path& to, const WriteOptions& options) {
  WriteResult result = copy(from, to, options);
  if (from == to) return result;
  const std::optional<FileInfo> made = stat(to, options.call);
  if (!made || made->size != result.size) {
    connection_->fail("move", to, ErrorCode::corrupt, "the copy is not there in full",
                      "the source was left as it was");
  }
  remove_object(*connection_, from, {}, options.call);
  return result;
}

Secret S3Store::sign(const Path& path, const SignOptions& options) {
  const bool put = options.method == SignMethod::put;
  net::Request request{.method = put ? "PUT" : "GET"};
  WriteOptions conditions{.if_match = options.if_match};
  if (put) {
    conditions.if_absent = options.if_absent;
    conditions.content_type = options.content_type;
  }
  add_description(request.headers, conditions);
  add_conditions(request.headers, conditions);
  Query query = put ? Query{} : version_query(options.version);
  if (connection_->options().request_payer) query.emplace_back("x-amz-request-payer", "requester");
  return connection_->presign(std::move(request), target(path, std::move(query)), path, options);
}

VersionPage S3Store::list_versions_page(const Path& prefix, const std::string& page_token,
                                        const CallOptions& options) {
  net::Response response =
      connection_->require({.operation = "list_versions",
                            .target = list_marked_target("versions", prefix, page_token),
                            .options = options},
                           prefix);
  return net::require_page(*connection_, "list_versions", prefix,
                           parse_version_page(std::move(response.body)), "a list of versions",
                           page_token);
}

UploadPage S3Store::list_uploads_page(const Path& prefix, const std::string& page_token,
                                      const CallOptions& options) {
  UploadPage page = ask_for_uploads(prefix, page_token, options);
  const bool nothing = page.entries.empty() && page.next_page_token.empty();
  if (!nothing || prefix.empty() || !page_token.empty()) return page;
  // MinIO takes the prefix for the whole name of a file: it is asked for all uploads, which are
  // few.
  do {
    UploadPage all = ask_for_uploads({}, page.next_page_token, options);
    std::erase_if(all.entries, [&prefix](const UnfinishedUpload& upload) {
      return !upload.path.string().starts_with(prefix.string());
    });
    std::ranges::move(all.entries, std::back_inserter(page.entries));
    page.next_page_token = std::move(all.next_page_token);
  } while (!page.next_page_token.empty());
  return page;
}

UploadPage S3Store::ask_for_uploads(const Path& prefix, const std::string& page_token,
                                    const CallOptions& options) {
  net::Response response =
      connection_->require({.operation = "list_uploads",
                            .target = list_marked_target("uploads", prefix, page_token),
                            .options = options},
                           prefix);
  UploadPage page = net::require_page(*connection_, "list_uploads", prefix,
                                      parse_upload_page(std::move(response.body)),
                                      "a list of uploads", page_token);
  page.now = net::parse_http_date(response.headers.get("date"))
                 .value_or(connection_->services().clock->now());
  return page;
}

void S3Store::abort_upload(const Path& path, const std::string& id, const CallOptions& options) {
  const net::Outcome outcome = connection_->send({.operation = "abort",
                                                  .target = target(path, {{"uploadId", id}}),
                                                  .request = {.method = "DELETE"},
                                                  .options = options},
                                                 path);
  const bool ended = outcome.error && outcome.error->code == "NoSuchUpload";
  if (!outcome.ok() && !ended) connection_->fail("abort", path, outcome);
}

}  // namespace

std::shared_ptr<Store> make_s3_store(const Url& root, Context& context) {
  return make_s3_store_on(root, context.services());
}

std::shared_ptr<Store> make_s3_store_on(const Url& root, const Services& services) {
  return std::make_shared<S3Store>(root, services);
}

}  // namespace cairn::vfs
