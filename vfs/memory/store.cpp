#include "vfs/memory/store.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "vfs/base/fail.hpp"

namespace cairn::vfs {
namespace {

/// One version of a file; never changes. A reader keeps the version that it has, whatever is
/// written meanwhile.
struct Object {
  FileInfo info{};
  Body data{};
};

using Objects = std::map<std::string, std::shared_ptr<const Object>, std::less<>>;

constexpr Capabilities kCapabilities{
    .create_only = true,
    .replace_if_match = true,
    .server_side_copy = true,
    .create_only_copy = true,
    .atomic_move = true,
    .ordered_listing = true,
    .metadata = true,
    .parallel_parts = true,
};

Body copy_of(const Body& body) {
  Body out;
  for (const Body::Segment& segment : body.segments()) out.append_copy(segment.bytes);
  return out;
}

class MemoryStore final : public Store, public std::enable_shared_from_this<MemoryStore> {
 public:
  explicit MemoryStore(Url root) : root_(std::move(root)) {}

  const Capabilities& capabilities() const override { return kCapabilities; }
  std::string url(const Path& path) const override { return root_.with_path(path).string(); }

  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    check_call(options, "stat", url(path));
    const auto object = find(path);
    if (!object) return std::nullopt;
    return object->info;
  }

  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override;

  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    check_call(options.call, "write", url(path));
    return publish(path, copy_of(body), options, "write");
  }

  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override;
  ListPage list_page(const Path& prefix, const ListOptions& options) override;
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override;

  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    check_call(options.call, "copy", url(from));
    const auto source = existing(from, "copy");
    return publish(to, source->data, with_source(options, source->info), "copy to");
  }

  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override {
    check_call(options.call, "move", url(from));
    const std::unique_lock lock(mutex_);
    const auto found = objects_.find(from.string());
    if (found == objects_.end()) fail(ErrorCode::not_found, "move", url(from));
    const auto source = found->second;
    check_conditions(to, options, "move to");
    if (from != to) objects_.erase(found);
    return insert(to, source->data, with_source(options, source->info));
  }

  WriteResult publish(const Path& path, Body data, const WriteOptions& options,
                      const char* operation) {
    const std::unique_lock lock(mutex_);
    check_conditions(path, options, operation);
    return insert(path, std::move(data), options);
  }

 private:
  std::shared_ptr<const Object> find(const Path& path) const {
    const std::shared_lock lock(mutex_);
    const auto found = objects_.find(path.string());
    return found == objects_.end() ? nullptr : found->second;
  }

  std::shared_ptr<const Object> existing(const Path& path, const char* operation) const {
    auto object = find(path);
    if (!object) fail(ErrorCode::not_found, operation, url(path));
    return object;
  }

  /// A copy keeps the content type and metadata of its source unless told otherwise.
  static WriteOptions with_source(WriteOptions options, const FileInfo& source) {
    if (options.content_type.empty()) options.content_type = source.content_type;
    if (options.metadata.empty()) options.metadata = source.metadata;
    return options;
  }

  // Both need mutex_.
  void check_conditions(const Path& path, const WriteOptions& options, const char* operation) const;
  WriteResult insert(const Path& path, Body data, const WriteOptions& options);

  const Url root_;
  mutable std::shared_mutex mutex_;
  Objects objects_;            // guarded by mutex_
  std::uint64_t versions_{0};  // guarded by mutex_
};

/// Parts wait here, in whatever order they come, until commit() hands their memory over.
class MemoryUpload final : public Upload {
 public:
  MemoryUpload(std::shared_ptr<MemoryStore> store, Path path, WriteOptions options)
      : store_(std::move(store)), path_(std::move(path)), options_(std::move(options)) {}

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override {
    check_call(options, "write", store_->url(path_));
    Body copy = copy_of(part);
    const std::lock_guard lock(mutex_);
    parts_.insert_or_assign(index, std::move(copy));
  }

  WriteResult commit(const CallOptions& options) override {
    check_call(options, "write", store_->url(path_));
    Body whole;
    const std::lock_guard lock(mutex_);
    if (!parts_.empty() && parts_.rbegin()->first != parts_.size() - 1) {
      fail(ErrorCode::invalid_argument, "write", store_->url(path_), "a part is missing");
    }
    for (const auto& [index, part] : parts_) {
      for (const Body::Segment& segment : part.segments())
        whole.append(segment.bytes, segment.owner);
    }
    return store_->publish(path_, std::move(whole), options_, "write");
  }

  void abort() noexcept override {
    const std::lock_guard lock(mutex_);
    parts_.clear();
  }

 private:
  const std::shared_ptr<MemoryStore> store_;
  const Path path_;
  const WriteOptions options_;
  std::mutex mutex_;
  std::map<std::uint32_t, Body> parts_;  // guarded by mutex_
};

ReadResult MemoryStore::read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                             const ReadOptions& options) {
  check_call(options.call, "read", url(path));
  const auto object = existing(path, "read");
  if (!options.if_match.empty() && options.if_match != object->info.etag) {
    fail(ErrorCode::precondition_failed, "read", url(path), "the file has changed");
  }
  BodyReader reader(object->data);
  reader.seek(std::min(offset, object->data.size()));
  return {reader.read(out), object->info};
}

void MemoryStore::check_conditions(const Path& path, const WriteOptions& options,
                                   const char* operation) const {
  const auto found = objects_.find(path.string());
  const bool present = found != objects_.end();
  if (options.if_absent && present) fail(ErrorCode::already_exists, operation, url(path));
  if (!options.if_match.empty() && (!present || found->second->info.etag != options.if_match)) {
    fail(ErrorCode::precondition_failed, operation, url(path),
         present ? "the file has changed" : "the file is gone");
  }
}

WriteResult MemoryStore::insert(const Path& path, Body data, const WriteOptions& options) {
  auto object = std::make_shared<Object>();
  object->info = {.path = path,
                  .size = data.size(),
                  .modified = std::chrono::system_clock::now(),
                  .etag = '"' + std::to_string(++versions_) + '"',
                  .content_type = options.content_type,
                  .metadata = options.metadata};
  object->data = std::move(data);
  WriteResult result{.size = object->info.size, .etag = object->info.etag};
  objects_.insert_or_assign(path.string(), std::move(object));
  return result;
}

std::unique_ptr<Upload> MemoryStore::start_upload(const Path& path, const WriteOptions& options) {
  check_call(options.call, "write", url(path));
  return std::make_unique<MemoryUpload>(shared_from_this(), path, options);
}

ListPage MemoryStore::list_page(const Path& prefix, const ListOptions& options) {
  check_call(options.call, "list", url(prefix));
  const std::string& start = prefix.string();
  const std::string& after = std::max(options.start_after, options.page_token);
  const std::size_t limit = std::max<std::size_t>(options.page_size, 1);

  ListPage page;
  const std::shared_lock lock(mutex_);
  auto next = after < start ? objects_.lower_bound(start) : objects_.upper_bound(after);
  while (next != objects_.end() && next->first.starts_with(start)) {
    const std::string& key = next->first;
    const auto slash = options.recursive ? std::string::npos : key.find('/', start.size());
    if (page.entries.size() == limit) {
      page.next_page_token = page.entries.back().path.string();
      break;
    }
    if (slash == std::string::npos) {
      page.entries.push_back(next->second->info);
      ++next;
      continue;
    }
    const std::string directory = key.substr(0, slash + 1);
    if (directory != after)
      page.entries.push_back({.path = directory, .type = FileType::directory});
    next = objects_.lower_bound(directory.substr(0, slash) + '0');  // '0' follows '/'
  }
  return page;
}

std::vector<RemoveResult> MemoryStore::remove(std::span<const Path> paths,
                                              const CallOptions& options) {
  check_call(options, "remove", paths.empty() ? std::string() : url(paths.front()));
  std::vector<RemoveResult> results;
  const std::unique_lock lock(mutex_);
  for (const Path& path : paths) {
    objects_.erase(path.string());
    results.push_back({.path = path});
  }
  return results;
}

}  // namespace

std::shared_ptr<Store> make_memory_store(const Url& root, Context& /*context*/) {
  return std::make_shared<MemoryStore>(root);
}

}  // namespace cairn::vfs
