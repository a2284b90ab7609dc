// remove_all: in batches, with one error for all that could not be removed.
#include <algorithm>

#include "vfs/base/fail.hpp"
#include "vfs/tree/tree.hpp"

namespace cairn::vfs::tree {
namespace {

constexpr std::size_t kBatch = 1000;  // DeleteObjects takes so many

/// Collects paths and removes them when there are enough.
class Remover {
 public:
  Remover(Store& store, const CallOptions& options) : store_(store), options_(options) {}

  void add(Path path) {
    batch_.push_back(std::move(path));
    if (batch_.size() == kBatch) flush();
  }

  void flush() {
    if (batch_.empty()) return;
    for (RemoveResult& result : store_.remove(batch_, options_)) {
      if (result.error.empty()) {
        ++removed_;
      } else {
        note(std::move(result));
      }
    }
    batch_.clear();
  }

  void note(RemoveResult failure) {
    if (failed_++ == 0) first_ = std::move(failure);
  }

  /// Throws if something is left.
  std::size_t finish() {
    flush();
    if (failed_ == 0) return removed_;
    std::string message = first_.error;
    if (failed_ > 1)
      message += " (and " + std::to_string(failed_ - 1) + " more could not be removed)";
    fail(first_.code, "remove", store_.url(first_.path), std::move(message));
  }

 private:
  Store& store_;
  const CallOptions& options_;
  std::vector<Path> batch_;
  std::size_t removed_{0};
  std::size_t failed_{0};
  RemoveResult first_;
};

/// Real directories, deepest first. Each is tried before it is looked into: an empty one goes at
/// once, and so does a link to a directory, which thus is never followed.
void remove_directory(Store& store, const Path& directory, const CallOptions& options,
                      Remover& files) {
  const auto try_remove = [&] { return store.remove(std::span(&directory, 1), options).front(); };
  if (try_remove().error.empty()) return;
  for_each_page(store, directory, {.call = options}, [&](std::vector<FileInfo>& entries) {
    for (FileInfo& info : entries) {
      if (info.type == FileType::directory) {
        remove_directory(store, info.path, options, files);
      } else {
        files.add(std::move(info.path));
      }
    }
  });
  files.flush();
  if (RemoveResult result = try_remove(); !result.error.empty()) files.note(std::move(result));
}

/// In one step, by a store that can. The files in it are counted before.
std::size_t remove_tree(Store& store, const Path& directory, const CallOptions& options) {
  std::size_t files = 0;
  for_each_page(store, directory, {.recursive = true, .call = options},
                [&](const std::vector<FileInfo>& entries) { files += entries.size(); });
  const RemoveResult result = store.remove(std::span(&directory, 1), options).front();
  if (!result.error.empty()) fail(result.code, "remove", store.url(directory), result.error);
  return files;
}

/// The root itself stays.
std::size_t remove_all_trees(Store& store, const CallOptions& options, Remover& files) {
  std::size_t below = 0;
  for_each_page(store, {}, {.call = options}, [&](std::vector<FileInfo>& entries) {
    for (FileInfo& info : entries) {
      if (info.type == FileType::directory) {
        below += remove_tree(store, info.path, options);
      } else {
        files.add(std::move(info.path));
      }
    }
  });
  return below + files.finish();
}

}  // namespace

std::size_t remove_all(Store& store, const Path& directory, const CallOptions& options) {
  const Path prefix = prefix_of(directory);
  Remover remover(store, options);
  if (!has_directories(store, options)) {
    for_each_page(store, prefix, {.recursive = true, .call = options},
                  [&](std::vector<FileInfo>& entries) {
                    for (FileInfo& info : entries) remover.add(std::move(info.path));
                  });
    return remover.finish();
  }
  const bool trees = store.capabilities().removes_trees;
  if (trees && prefix.empty()) return remove_all_trees(store, options, remover);
  if (prefix.string().find_first_not_of("/.") == std::string::npos) {
    fail(ErrorCode::invalid_argument, "remove", store.url(directory),
         "this would remove the root, the working directory or one above it");
  }
  if (trees) return remove_tree(store, prefix, options);
  remove_directory(store, prefix, options, remover);
  return remover.finish();
}

}  // namespace cairn::vfs::tree
