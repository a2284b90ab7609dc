// Directories over a Store: real ones where it has them, prefixes where it has not. "" is the root;
// other directories are named without a trailing '/' (one is accepted).
#pragma once

#include <optional>
#include <vector>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class ThreadPool;

namespace tree {

/// Whether directories are real. Asks the store to find out, if only its service can tell.
[[nodiscard]] bool has_directories(Store& store, const CallOptions& options);

/// A file if there is one, else a directory of that name, else nothing.
[[nodiscard]] std::optional<FileInfo> stat(Store& store, const Path& path,
                                           const CallOptions& options);

/// Entries sorted by bytes. Directory markers ("d/", of no size) are not entries of their own.
/// Throws not_found, not_a_directory.
[[nodiscard]] std::vector<FileInfo> list(Store& store, const Path& directory,
                                         const ListOptions& options);

/// What matches below `root`, sorted; the pattern is relative to it, the results are not. `**` sees
/// directories that hold a file.
[[nodiscard]] std::vector<FileInfo> glob(Store& store, ThreadPool& pool, const Path& root,
                                         const Glob& pattern, const CallOptions& options);

/// Everything below a directory and, where directories are real, itself. Returns how many files
/// went.
std::size_t remove_all(Store& store, const Path& directory, const CallOptions& options);

/// What all names below a directory begin with: "" or "d/".
[[nodiscard]] Path prefix_of(const Path& directory);

/// Ends a listing that a broken server would never end: the same page under ever new tokens, or
/// empty pages without number.
class PageGuard {
 public:
  /// Throws corrupt.
  void check(Store& store, const Path& prefix, const ListPage& page);

 private:
  Path first_{};  // of the page before that was not empty
  int empty_pages_{0};
};

/// Pages until there are no more. `visit` takes a page's entries.
template <typename Visit>
void for_each_page(Store& store, const Path& prefix, ListOptions options, Visit visit) {
  PageGuard guard;
  do {
    ListPage page = store.list_page(prefix, options);
    guard.check(store, prefix, page);
    visit(page.entries);
    options.page_token = std::move(page.next_page_token);
  } while (!options.page_token.empty());
}

}  // namespace tree
}  // namespace cairn::vfs
