#include "vfs/gcs/store.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "vfs/base/services.hpp"
#include "vfs/context.hpp"
#include "vfs/gcs/connection.hpp"
#include "vfs/gcs/copy.hpp"
#include "vfs/gcs/errors.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/remove.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/gcs/sign.hpp"
#include "vfs/gcs/temporary.hpp"
#include "vfs/gcs/upload.hpp"
#include "vfs/gcs/write.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/parts.hpp"
#include "vfs/powers.hpp"

namespace cairn::vfs {
namespace {

using namespace gcs;  // the parts that this store is made of

Capabilities capabilities_of(const BucketConfig& config) {
  const bool xml = upload_way(config, false) == UploadWay::xml;
  return {
      .create_only = true,
      .replace_if_match = true,
      .server_side_copy = true,
      .create_only_copy = true,
      .ordered_listing = true,
      .max_put = 5ULL << 40U,
      .min_part = xml ? 5ULL << 20U : 1,
      .max_part = 5ULL << 30U,
      .max_parts = 10'000,
      .part_size = 8ULL << 20U,
      .metadata = true,
      .object_options = true,
      .checksums = true,
      .parallel_parts = config.upload != GcsUpload::resumable,
  };
}

class GcsStore final : public Store, public Presigner, public Versions, public Uploads {
 public:
  GcsStore(const Url& root, const Services& services)
      : connection_(std::make_shared<Connection>(root.scheme(), root.authority(), services)),
        capabilities_(capabilities_of(connection_->config())) {}

  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }
  [[nodiscard]] std::string url(const Path& path) const override { return connection_->url(path); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    return stat_version(path, {}, options);
  }
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override;
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    check_condition("write", path, options.if_match);
    return put_object(*connection_, path, body, options);
  }
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    check_condition("write", path, options.if_match);
    return gcs::start_upload(connection_, path, options);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override;
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override {
    return remove_objects(*connection_, paths, options);
  }
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    check_condition("copy", to, options.if_match);
    return copy_object(*connection_, from, to, options);
  }
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override {
    check_condition("move", to, options.if_match);
    return move_object(*connection_, from, to, options);
  }

  Secret sign(const Path& path, const SignOptions& options) override;
  VersionPage list_versions_page(const Path& prefix, const std::string& page_token,
                                 const CallOptions& options) override;
  std::optional<FileInfo> stat_version(const Path& path, const std::string& version,
                                       const CallOptions& options) override;
  void remove_version(const Path& path, const std::string& version,
                      const CallOptions& options) override {
    gcs::remove_version(*connection_, path, version, options);
  }
  UploadPage list_uploads_page(const Path& prefix, const std::string& page_token,
                               const CallOptions& options) override;
  void abort_upload(const Path& path, const std::string& id, const CallOptions& options) override;

 private:
  ReadResult read_empty(const Path& path, const ReadOptions& options);
  ListPage ask_for_page(const Path& prefix, const ListOptions& options);
  void check_bucket(const Path& path, const CallOptions& options);
  void check_condition(std::string_view operation, const Path& path,
                       const std::string& if_match) const;

  std::shared_ptr<Connection> connection_;
  Capabilities capabilities_;
};

/// No object has an etag that is no generation, so that what it would be a condition of can't hold.
void GcsStore::check_condition(std::string_view operation, const Path& path,
                               const std::string& if_match) const {
  if (if_match.empty() || generation_of(if_match)) return;
  connection_->fail(operation, path, ErrorCode::precondition_failed,
                    fmt::format("\"{}\" is not the generation of an object", if_match),
                    "FileInfo::etag and WriteResult::etag hold it");
}

std::optional<FileInfo> GcsStore::stat_version(const Path& path, const std::string& version,
                                               const CallOptions& options) {
  if (path.empty()) return {};  // the bucket itself is no file
  const auto object = get_object(*connection_, path, version, options);
  if (object) return object->info;
  if (!connection_->proven()) check_bucket(path, options);
  return {};
}

/// Absence is data, so it must not hide that the bucket is missing; asked once.
void GcsStore::check_bucket(const Path& path, const CallOptions& options) {
  const net::Outcome outcome =
      connection_->send({.operation = "stat",
                         .target = list_target(connection_->bucket(), path, {.page_size = 1}),
                         .options = options},
                        path);
  if (outcome.error && outcome.response.status == 404) {
    connection_->fail("stat", path, ErrorCode::not_found, "the bucket does not exist",
                      hint_of_bucket(connection_->config()));
  }
}

ReadResult GcsStore::read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                          const ReadOptions& options) {
  check_condition("read", path, options.if_match);
  if (out.empty()) return read_empty(path, options);
  Query query{{"alt", "media"}};
  if (!options.version.empty()) query.emplace_back("generation", options.version);
  net::Call call{.operation = "read",
                 .target = object_target(connection_->bucket(), path, query),
                 .destination = out,
                 .digest = options.digest.value_or(ChecksumType::crc32c),
                 .options = options.call};
  // A range is asked for even of the first bytes: of an object that is larger, the rest would be
  // sent in vain.
  if (offset != 0 || !options.entire) call.range_start = offset;
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  // Else an object that is stored compressed is sent decompressed, and whole.
  call.request.headers.set("accept-encoding", "gzip");
  const net::Outcome outcome = connection_->send(std::move(call), path);
  if (!outcome.failure && outcome.response.status == 416) return read_empty(path, options);
  if (!outcome.ok()) {
    const bool absent = outcome.error && outcome.response.status == 404;
    if (absent && !connection_->proven()) check_bucket(path, options.call);
    const std::string_view key = path.string();
    const std::size_t hash = key.rfind('#');
    if (absent && hash != key.npos && generation_of(key.substr(hash + 1))) {
      connection_->fail(
          "read", path, ErrorCode::not_found, "there is no such object",
          "'#' is part of the name here: a generation goes into ReadOptions::version");
    }
    connection_->fail("read", path, outcome);
  }
  ReadResult result{.bytes = outcome.response.received,
                    .info = parse_info(path, outcome.response.headers),
                    .checksum = outcome.response.checksum};
  if (!options.if_match.empty() && result.info.etag != options.if_match) {
    connection_->fail("read", path, ErrorCode::precondition_failed, "the object has changed");
  }
  return result;
}

/// Past the end, or an empty object: only what describes it is of interest.
ReadResult GcsStore::read_empty(const Path& path, const ReadOptions& options) {
  const auto info = stat_version(path, options.version, options.call);
  if (!info) {
    connection_->fail("read", path, ErrorCode::not_found, "there is no such object");
  }
  if (!options.if_match.empty() && info->etag != options.if_match) {
    connection_->fail("read", path, ErrorCode::precondition_failed, "the object has changed");
  }
  return {.bytes = 0, .info = *info};
}

ListPage GcsStore::ask_for_page(const Path& prefix, const ListOptions& options) {
  const net::Response response =
      connection_->require({.operation = "list",
                            .target = list_target(connection_->bucket(), prefix, options),
                            .options = options.call},
                           prefix);
  return net::require_page(*connection_, "list", prefix, parse_list_page(response.body),
                           "a list of objects", options.page_token);
}

ListPage GcsStore::list_page(const Path& prefix, const ListOptions& options) {
  ListPage page = ask_for_page(prefix, options);
  // startOffset is the first name that is wanted. Parts of uploads show to those who ask for them.
  const bool parts = !temporary_folder_of(prefix.string()).empty();
  std::erase_if(page.entries, [&](const FileInfo& entry) {
    const std::string& key = entry.path.string();
    return (!options.start_after.empty() && key == options.start_after) ||
           (!parts && !temporary_folder_of(key).empty());
  });
  return page;
}

Secret GcsStore::sign(const Path& path, const SignOptions& options) {
  const bool put = options.method == SignMethod::put;
  if (connection_->credentials() == nullptr) {
    connection_->fail("sign", path, ErrorCode::unauthenticated,
                      "an anonymous user can't sign a URL",
                      "set GOOGLE_APPLICATION_CREDENTIALS to the key of a service account; an "
                      "emulator (STORAGE_EMULATOR_HOST) is asked without credentials");
  }
  check_condition("sign", path, options.if_match);
  UrlToSign what{.endpoint = connection_->config().endpoint,
                 .bucket = connection_->bucket(),
                 .object = path.string(),
                 .method = put ? "PUT" : "GET",
                 .signed_at = options.signed_at.value_or(connection_->services().clock->now()),
                 .expires = options.expires};
  if (options.expires < std::chrono::seconds(1) || options.expires > std::chrono::days(7)) {
    connection_->fail("sign", path, ErrorCode::invalid_argument,
                      "a signed URL is good for 1 s to 7 days");
  }
  if (!options.version.empty()) what.query.emplace_back("generation", options.version);
  if (put && !options.content_type.empty()) what.headers.set("content-type", options.content_type);
  if (put && options.if_absent) what.headers.set("x-goog-if-generation-match", "0");
  if (!options.if_match.empty()) {
    what.headers.set("x-goog-if-generation-match", options.if_match);
  }
  try {
    return sign_url(
        what, find_signer(connection_->services(), options.call, *connection_->credentials()));
  } catch (const net::CredentialError& error) {
    connection_->fail("sign", path, ErrorCode::unauthenticated, error.what(), error.hint());
  } catch (const net::TransportError& error) {
    connection_->fail("sign", path, ErrorCode::unavailable,
                      fmt::format("the credentials can't be had: {}", error.what()));
  }
}

VersionPage GcsStore::list_versions_page(const Path& prefix, const std::string& page_token,
                                         const CallOptions& options) {
  const net::Response response = connection_->require(
      {.operation = "list_versions",
       .target = list_versions_target(connection_->bucket(), prefix, page_token),
       .options = options},
      prefix);
  return net::require_page(*connection_, "list_versions", prefix, parse_version_page(response.body),
                           "a list of versions", page_token);
}

/// Those whose parts are objects of their own, by their folders. What is unfinished in the XML API
/// or in a session shows in no listing of objects, and ends by a lifecycle rule or after a week.
UploadPage GcsStore::list_uploads_page(const Path& prefix, const std::string& page_token,
                                       const CallOptions& options) {
  const ListPage objects =
      ask_for_page(prefix, {.recursive = true, .page_token = page_token, .call = options});
  std::map<std::string, TimePoint, std::less<>> folders;  // and when their first part came
  for (const FileInfo& entry : objects.entries) {
    const std::string folder(temporary_folder_of(entry.path.string()));
    if (folder.empty()) continue;
    const auto [found, fresh] = folders.try_emplace(folder, entry.modified);
    if (!fresh) found->second = std::min(found->second, entry.modified);
  }
  UploadPage page{.next_page_token = objects.next_page_token,
                  .now = connection_->services().clock->now()};
  for (const auto& [folder, started] : folders) {
    page.entries.push_back({.path = Path(folder), .id = folder, .started = started});
  }
  return page;
}

void GcsStore::abort_upload(const Path& path, const std::string& id, const CallOptions& options) {
  if (temporary_folder_of(id) != id) {
    connection_->fail("abort", path, ErrorCode::invalid_argument, "this is no unfinished upload");
  }
  std::string token;
  do {
    const ListPage page =
        ask_for_page(Path(id), {.recursive = true, .page_token = token, .call = options});
    std::vector<Path> parts;
    for (const FileInfo& entry : page.entries) parts.push_back(entry.path);
    for (const RemoveResult& result : remove_objects(*connection_, parts, options)) {
      if (!result.error.empty()) connection_->fail("abort", path, result.code, result.error);
    }
    token = page.next_page_token;
  } while (!token.empty());
}

}  // namespace

std::shared_ptr<Store> make_gcs_store(const Url& root, Context& context) {
  return make_gcs_store_on(root, context.services());
}

std::shared_ptr<Store> make_gcs_store_on(const Url& root, const Services& services) {
  return std::make_shared<GcsStore>(root, services);
}

}  // namespace cairn::vfs
