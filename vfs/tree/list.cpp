// stat and list.
#include <algorithm>
#include <iterator>

#include "vfs/base/fail.hpp"
#include "vfs/powers.hpp"
#include "vfs/tree/tree.hpp"

namespace cairn::vfs::tree {
namespace {

constexpr int kMaxEmptyPages = 1000;

bool has_entries(Store& store, const Path& prefix, const CallOptions& options) {
  ListOptions list{.recursive = true, .page_size = 1, .call = options};
  PageGuard guard;
  do {
    ListPage page = store.list_page(prefix, list);
    guard.check(store, prefix, page);
    if (!page.entries.empty()) return true;
    list.page_token = std::move(page.next_page_token);  // a page may be empty and not the last one
  } while (!list.page_token.empty());
  return false;
}

bool is_directory(Store& store, const Path& directory, const CallOptions& options) {
  const Path prefix = prefix_of(directory);
  if (!has_directories(store, options))
    return has_entries(store, prefix, options) || prefix.empty();
  const auto info = store.stat(directory, options);
  return info && info->type == FileType::directory;
}

[[noreturn]] void fail_to_list(Store& store, const Path& directory, const CallOptions& options) {
  std::string text = directory.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  if (store.stat(text, options)) {
    fail(ErrorCode::not_a_directory, "list", store.url(directory), "it is a file");
  }
  fail(ErrorCode::not_found, "list", store.url(directory), "there is no such directory");
}

}  // namespace

void PageGuard::check(Store& store, const Path& prefix, const ListPage& page) {
  if (page.entries.empty()) {
    if (++empty_pages_ <= kMaxEmptyPages) return;
    fail(ErrorCode::corrupt, "list", store.url(prefix),
         "the server sends empty pages and no end of them");
  }
  empty_pages_ = 0;
  const Path& first = page.entries.front().path;
  if (!first_.empty() && first == first_) {
    fail(ErrorCode::corrupt, "list", store.url(prefix),
         "the server sends the same page again and again");
  }
  first_ = first;
}

Path prefix_of(const Path& directory) {
  if (directory.empty() || directory.has_trailing_slash()) return directory;
  return Path(directory.string() + '/');
}

bool has_directories(Store& store, const CallOptions& options) {
  if (auto* inquirer = dynamic_cast<Inquirer*>(&store)) inquirer->inquire(options);
  return store.capabilities().directories;
}

/// What is there at once needs no question about the store.
std::optional<FileInfo> stat(Store& store, const Path& path, const CallOptions& options) {
  if (store.capabilities().directories) return store.stat(path, options);
  if (!path.empty() && !path.has_trailing_slash()) {
    if (auto file = store.stat(path, options)) return file;
  }
  if (has_directories(store, options)) return store.stat(path, options);
  if (!is_directory(store, path, options)) return std::nullopt;
  return FileInfo{.path = path, .type = FileType::directory};
}

std::vector<FileInfo> list(Store& store, const Path& directory, const ListOptions& options) {
  const Path prefix = prefix_of(directory);
  std::vector<FileInfo> entries;
  bool marker = false;
  for_each_page(store, prefix, options, [&](std::vector<FileInfo>& page) {
    for (FileInfo& info : page) {
      const bool own = info.path == prefix;
      const bool inner_marker = info.type == FileType::file && info.path.has_trailing_slash();
      marker = marker || own;
      if (!own && !inner_marker) entries.push_back(std::move(info));
    }
  });
  if (entries.empty() && !marker && options.start_after.empty() && options.page_token.empty() &&
      !is_directory(store, directory, options.call)) {
    fail_to_list(store, directory, options.call);
  }
  const auto by_path = [](const FileInfo& left, const FileInfo& right) {
    return left.path < right.path;
  };
  if (!std::is_sorted(entries.begin(), entries.end(), by_path)) {
    std::sort(entries.begin(), entries.end(), by_path);
  }
  return entries;
}

}  // namespace cairn::vfs::tree
