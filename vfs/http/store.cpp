#include "vfs/http/store.hpp"

#include <algorithm>
#include <utility>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/context.hpp"
#include "vfs/http/connection.hpp"
#include "vfs/http/read.hpp"
#include "vfs/http/write.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs {
namespace {

using namespace http;  // the parts that this store is made of

constexpr std::ptrdiff_t kMaxDepth = 200;  // a link to a folder above it makes a tree without end

constexpr Capabilities capabilities_of(bool webdav, bool ranges) {
  return {.create_only = webdav,
          .server_side_copy = webdav,
          .create_only_copy = webdav,
          .directories = true,
          .part_size = 8ULL << 20U,
          .parallel_parts = true,
          .ranged_reads = ranges};
}
constexpr Capabilities kPlain = capabilities_of(false, true);
constexpr Capabilities kPlainWhole = capabilities_of(false, false);
constexpr Capabilities kWebdav = capabilities_of(true, true);
constexpr Capabilities kWebdavWhole = capabilities_of(true, false);

/// The folders that are still to be listed, as a page token.
std::string join_folders(const std::vector<std::string>& folders) {
  std::string token;
  for (const std::string& folder : folders) token += net::percent_encode(folder) + ',';
  return token;
}

std::vector<std::string> split_folders(std::string_view token) {
  std::vector<std::string> folders;
  while (!token.empty()) {
    const std::size_t end = std::min(token.find(','), token.size());
    folders.push_back(net::percent_decode(token.substr(0, end)));
    token.remove_prefix(std::min(end + 1, token.size()));
  }
  return folders;
}

class HttpStore final : public Store {
 public:
  HttpStore(const Url& root, const Services& services)
      : connection_(std::make_shared<Connection>(root, services)) {}

  /// What has shown so far: a server tells what it can do when it is asked to list or to write.
  [[nodiscard]] const Capabilities& capabilities() const override {
    const auto powers = connection_->known_powers();
    const bool webdav = powers && powers->copy && powers->move;
    if (connection_->ignores_ranges()) return webdav ? kWebdavWhole : kPlainWhole;
    return webdav ? kWebdav : kPlain;
  }
  [[nodiscard]] std::string url(const Path& path) const override { return connection_->url(path); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    return look(*connection_, path, options);
  }
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override {
    return read_file(*connection_, path, offset, out, options);
  }
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    return put_file(*connection_, path, body, options);
  }
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    return start_spooled(connection_, path, options);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override;
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override;
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    return copy_file(connection_, from, to, options);
  }
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override {
    return move_file(connection_, from, to, options);
  }

 private:
  std::shared_ptr<Connection> connection_;
};

ListPage HttpStore::list_page(const Path& prefix, const ListOptions& options) {
  const std::string& text = prefix.string();
  const std::size_t cut = text.rfind('/') + 1;  // 0 where there is none
  std::string stem = text.substr(cut);
  std::vector<std::string> folders{text.substr(0, cut)};
  if (!options.page_token.empty()) {
    folders = split_folders(options.page_token);
    stem.clear();  // of the first folder only
  }
  ListPage page;
  do {
    check_call(options.call, "list", url(prefix));
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    if (std::ranges::count(folder, '/') > kMaxDepth) {
      connection_->fail("list", folder, ErrorCode::corrupt, "folders lie in folders without end");
    }
    for (FileInfo& info : list_folder(*connection_, folder, options.call)) {
      if (!info.path.string().starts_with(stem)) continue;
      info.path = Path(folder + info.path.string());
      if (options.recursive && info.type == FileType::directory) {
        folders.push_back(info.path.string());
      } else if (info.path.string() > options.start_after) {
        page.entries.push_back(std::move(info));
      }
    }
    stem.clear();
  } while (options.recursive && !folders.empty() && page.entries.size() < options.page_size);
  if (options.recursive) page.next_page_token = join_folders(folders);
  return page;
}

std::vector<RemoveResult> HttpStore::remove(std::span<const Path> paths,
                                            const CallOptions& options) {
  if (paths.size() == 1 && !paths.front().has_trailing_slash()) {  // with all that its Error tells
    remove_one(*connection_, paths.front(), options);
    return {{.path = paths.front()}};
  }
  std::vector<RemoveResult> results(paths.size());
  const Services& services = connection_->services();
  services.pool->for_each(
      paths.size(), static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t index, const std::stop_token& stop) {
        RemoveResult& result = results[index];
        result.path = paths[index];
        try {
          remove_one(*connection_, paths[index], {.stop = stop, .deadline = options.deadline});
        } catch (const Error& error) {
          if (error.code() == ErrorCode::cancelled) throw;
          result.error = error.details().message;
          result.code = error.code();
        }
      },
      options.stop);
  return results;
}

}  // namespace

std::shared_ptr<Store> make_http_store(const Url& root, Context& context) {
  return make_http_store_on(root, context.services());
}

std::shared_ptr<Store> make_http_store_on(const Url& root, const Services& services) {
  return std::make_shared<HttpStore>(root, services);
}

}  // namespace cairn::vfs
