#include "vfs/azure/store.hpp"

#include <algorithm>
#include <utility>

#include "vfs/azure/connection.hpp"
#include "vfs/azure/copy.hpp"
#include "vfs/azure/dfs.hpp"
#include "vfs/azure/doubt.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/azure/remove.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/azure/sas_url.hpp"
#include "vfs/azure/upload.hpp"
#include "vfs/base/services.hpp"
#include "vfs/context.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/parts.hpp"
#include "vfs/powers.hpp"

namespace cairn::vfs {
namespace {

using namespace azure;  // the parts that this store is made of

constexpr Capabilities kFlat{
    .create_only = true,
    .replace_if_match = true,
    .server_side_copy = true,
    .create_only_copy = true,
    .ordered_listing = true,
    .max_put = 5000ULL << 20U,
    .max_part = 4000ULL << 20U,
    .max_parts = kMaxBlocks,
    .part_size = 8ULL << 20U,
    .metadata = true,
    .object_options = true,
    .checksums = true,
    .parallel_parts = true,
};

constexpr Capabilities hierarchical() {
  Capabilities can = kFlat;
  can.atomic_move = true;
  can.directories = true;
  can.removes_trees = true;
  return can;
}
constexpr Capabilities kHierarchical = hierarchical();

/// Names go on after it. A directory that it is in, too.
bool is_after(const FileInfo& entry, const std::string& start) {
  const bool around = entry.type == FileType::directory && start.starts_with(entry.path.string());
  return entry.path.string() > start || (around && start != entry.path.string());
}

class AzureStore final : public Store, public Presigner, public Inquirer {
 public:
  AzureStore(const Url& root, const Services& services)
      : connection_(std::make_shared<Connection>(root, services)),
        namespace_(*connection_),
        signer_(connection_) {
    if (root.scheme() == "adl" && services.config.log) {
      services.config.log(LogLevel::warning,
                          "adl: stands for az: here, as Data Lake Storage Gen1 is retired");
    }
  }

  [[nodiscard]] const Capabilities& capabilities() const override {
    return namespace_.is_known_hierarchical() ? kHierarchical : kFlat;
  }
  void inquire(const CallOptions& options) override {
    static_cast<void>(namespace_.is_hierarchical(options));
  }
  [[nodiscard]] std::string url(const Path& path) const override { return connection_->url(path); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override;
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override;
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override;
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    return std::make_unique<BlockUpload>(connection_, path, options);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override;
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override;
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    return copy_from(head_source(from, options), to, options);
  }
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override;
  Secret sign(const Path& path, const SignOptions& options) override {
    return signer_.sign(path, options);
  }

 private:
  [[nodiscard]] std::optional<FileInfo> stat_root(const CallOptions& options);
  ReadResult read_empty(const Path& path, const ReadOptions& options);
  [[nodiscard]] CopySource head_source(const Path& from, const WriteOptions& options);
  WriteResult copy_from(const CopySource& source, const Path& to, const WriteOptions& options);
  ListPage ask_for_page(const Path& prefix, const ListOptions& options);
  void show_directories(ListPage& page, const ListOptions& options) const;

  std::shared_ptr<Connection> connection_;
  Namespace namespace_;
  UrlSigner signer_;
};

std::optional<FileInfo> AzureStore::stat(const Path& path, const CallOptions& options) {
  if (path.empty()) return stat_root(options);
  const bool known = namespace_.is_known_hierarchical();
  const net::Outcome outcome =
      connection_->send({.operation = "stat",
                         .target = connection_->target(known ? without_slash(path) : path),
                         .request = {.method = "HEAD"},
                         .options = options},
                        path);
  const net::Headers& headers = outcome.response.headers;
  if (outcome.error && outcome.response.status == 404) {
    const std::string& code = outcome.error->code;
    // A container that is missing must not look like a file that is.
    if (code == "BlobNotFound" || (code.empty() && connection_->proven())) return {};
  }
  if (!outcome.ok()) connection_->fail("stat", path, outcome);
  FileInfo info = parse_info(path, headers);
  if (!is_folder(headers)) {
    return known && path.has_trailing_slash() ? std::nullopt : std::optional(std::move(info));
  }
  // The mark of a directory in a flat account: it is there while something is in it.
  if (!namespace_.is_hierarchical(options)) return {};
  info.type = FileType::directory;
  info.metadata.erase(std::string(kFolderName));
  return info;
}

/// The container is no file. A list shows that it is there.
std::optional<FileInfo> AzureStore::stat_root(const CallOptions& options) {
  if (!namespace_.is_hierarchical(options)) return {};
  static_cast<void>(ask_for_page({}, {.page_size = 1, .call = options}));
  return FileInfo{.type = FileType::directory};
}

ReadResult AzureStore::read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                            const ReadOptions& options) {
  if (out.empty()) return read_empty(path, options);
  net::Call call{.operation = "read",
                 .target = connection_->target(path),
                 .destination = out,
                 .digest = options.digest.value_or(ChecksumType::crc64nvme),
                 .options = options.call};
  // A range is asked for even of the whole blob: its answer says how large that is, beside the
  // bytes, and of a larger one the rest would be sent in vain.
  call.range_start = offset;
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  const net::Outcome outcome = connection_->send(std::move(call), path);
  if (outcome.error && outcome.error->code == "InvalidRange") {
    ReadResult nothing = read_empty(path, options);
    if (nothing.info.size <= offset) return nothing;
    return read(path, offset, out, options);  // a larger one took its place in between
  }
  if (!outcome.ok()) connection_->fail("read", path, outcome);
  const net::Response& response = outcome.response;
  return {.bytes = response.received,
          .info = parse_info(path, response.headers),
          .checksum = response.checksum};
}

/// Past the end, or an empty blob: only its head is of interest.
ReadResult AzureStore::read_empty(const Path& path, const ReadOptions& options) {
  net::Call call{.operation = "read",
                 .target = connection_->target(path),
                 .request = {.method = "HEAD"},
                 .options = options.call};
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  const net::Response response = connection_->require(std::move(call), path);
  if (is_folder(response.headers)) {
    connection_->fail("read", path, ErrorCode::is_a_directory, "it marks a directory");
  }
  return {.bytes = 0, .info = parse_info(path, response.headers)};
}

WriteResult AzureStore::put(const Path& path, const Body& body, const WriteOptions& options) {
  net::Call call{.operation = "write",
                 .target = connection_->target(path),
                 .request = {.method = "PUT", .body = body, .has_body = true},
                 .options = options.call};
  net::Headers& headers = call.request.headers;
  const std::uint64_t crc64 = crypto::crc64nvme(body);
  headers.set("x-ms-blob-type", "BlockBlob");
  add_description(headers, options, connection_->tier());
  add_conditions(headers, options);
  headers.set(kCrc64Header, crypto::base64_little_endian(crc64));
  headers.set(kChecksumHeader, checksum_value(crc64, body.size()));
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
            .version = std::string(answer.get("x-ms-version-id"))};
  }
  if (!conditional) connection_->fail("write", path, outcome);
  return settle(*connection_, "write", path, outcome, {.token = token, .size = body.size()},
                options);
}

ListPage AzureStore::ask_for_page(const Path& prefix, const ListOptions& options) {
  const net::Outcome outcome =
      connection_->send({.operation = "list",
                         .target = list_target(connection_->config().container, prefix, options),
                         .options = options.call},
                        prefix);
  // Of a hierarchical account, where a file is in the middle of the prefix: nothing is below it.
  if (outcome.error && outcome.error->code == "ResourceTypeMismatch") return {};
  if (!outcome.ok()) connection_->fail("list", prefix, outcome);
  ListPage page =
      net::require_page(*connection_, "list", prefix, parse_list_page(outcome.response.body),
                        "a list of blobs", options.page_token);
  show_directories(page, options);
  return page;
}

/// A hierarchical account lists directories as what they are, as blobs that are marked so, or both.
/// In a flat one what ends in '/' marks a directory, which is the caller's to judge.
void AzureStore::show_directories(ListPage& page, const ListOptions& options) const {
  const auto is_marked = [](const FileInfo& info) {
    return info.type == FileType::file && info.path.has_trailing_slash();
  };
  if (std::ranges::none_of(page.entries, is_marked)) return;
  if (!namespace_.is_hierarchical(options.call)) return;
  if (options.recursive) {
    std::erase_if(page.entries, is_marked);
    return;
  }
  for (FileInfo& info : page.entries) {
    if (is_marked(info)) info = {.path = info.path, .type = FileType::directory};
  }
  std::ranges::sort(page.entries, {}, &FileInfo::path);  // "d" came before "d-x", "d/" after it
  const auto [first, last] = std::ranges::unique(page.entries, {}, &FileInfo::path);
  page.entries.erase(first, last);
}

/// This version of the API begins at the first name: what comes before `start_after` is left out
/// here.
ListPage AzureStore::list_page(const Path& prefix, const ListOptions& options) {
  ListPage page = ask_for_page(prefix, options);
  if (options.start_after.empty()) return page;
  ListOptions next = options;
  for (;;) {
    std::erase_if(page.entries,
                  [&](const FileInfo& entry) { return !is_after(entry, options.start_after); });
    if (!page.entries.empty() || page.next_page_token.empty()) return page;
    next.page_token = std::move(page.next_page_token);
    page = ask_for_page(prefix, next);
  }
}

CopySource AzureStore::head_source(const Path& from, const WriteOptions& options) {
  Query query;
  if (!options.source_version.empty()) query.emplace_back("versionid", options.source_version);
  net::Response response = connection_->require({.operation = "copy",
                                                 .target = connection_->target(from, query),
                                                 .request = {.method = "HEAD"},
                                                 .options = options.call},
                                                from);
  if (is_folder(response.headers)) {
    connection_->fail("copy", from, ErrorCode::is_a_directory, "it marks a directory");
  }
  return {.info = parse_info(from, response.headers), .headers = std::move(response.headers)};
}

WriteResult AzureStore::copy_from(const CopySource& source, const Path& to,
                                  const WriteOptions& options) {
  const bool itself = source.info.path == to && options.source_version.empty();
  if (options.if_absent && itself) {
    connection_->fail("copy", to, ErrorCode::already_exists, "source and target are the same");
  }
  if (itself && !changes_anything(options)) {
    return {.size = source.info.size, .etag = source.info.etag, .version = source.info.version};
  }
  return copy_blob(connection_, source, to, options);
}

std::vector<RemoveResult> AzureStore::remove(std::span<const Path> paths,
                                             const CallOptions& options) {
  const bool asks = std::ranges::any_of(paths, &Path::has_trailing_slash);
  const bool trees = asks && namespace_.is_hierarchical(options);
  return remove_blobs(*connection_, paths, trees ? &remove_tree : &remove_mark, options);
}

/// In a hierarchical account a rename, of directories too. It can't describe the file anew.
WriteResult AzureStore::move(const Path& from, const Path& to, const WriteOptions& options) {
  const bool renames = from != to && options.source_version.empty() && !changes_anything(options);
  if (renames && namespace_.is_hierarchical(options.call)) {
    return rename_path(*connection_, from, to, options);
  }
  const CopySource source = head_source(from, options);
  WriteResult result = copy_from(source, to, options);
  if (from == to) return result;
  const std::optional<FileInfo> made = stat(to, options.call);
  if (!made || made->size != result.size) {
    connection_->fail("move", to, ErrorCode::corrupt, "the copy is not there in full",
                      "the source was left as it was");
  }
  remove_blob(*connection_, from, source.info.etag, options.call);
  return result;
}

}  // namespace

std::optional<Url> canonical_azure_url(const Url& url) {
  return azure::canonical_url(url);
}

std::shared_ptr<Store> make_azure_store(const Url& root, Context& context) {
  return make_azure_store_on(root, context.services());
}

std::shared_ptr<Store> make_azure_store_on(const Url& root, const Services& services) {
  return std::make_shared<AzureStore>(root, services);
}

}  // namespace cairn::vfs
