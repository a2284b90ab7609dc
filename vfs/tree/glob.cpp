// glob: one listing per directory that can hold a match, each from as long a literal beginning as
// the pattern gives.
#include <algorithm>
#include <mutex>
#include <set>
#include <tuple>

#include "vfs/base/thread_pool.hpp"
#include "vfs/tree/tree.hpp"

namespace cairn::vfs::tree {
namespace {

constexpr std::string_view kMagic = "*?[";
constexpr std::size_t kParallel = 8;

FileInfo without_slash(FileInfo info) {
  std::string text = info.path.string();
  if (info.type == FileType::directory && text.ends_with('/')) text.pop_back();
  info.path = Path(std::move(text));
  return info;
}

void sort_unique(std::vector<FileInfo>& found) {
  const auto key = [](const FileInfo& info) { return std::tie(info.path, info.type); };
  std::sort(found.begin(), found.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  found.erase(std::unique(found.begin(), found.end(),
                          [&](const auto& a, const auto& b) { return key(a) == key(b); }),
              found.end());
}

/// One pattern over one store, below a prefix that is taken as it is ("" or "root/").
class Expansion {
 public:
  Expansion(Store& store, ThreadPool& pool, Path root, const Glob& pattern,
            const CallOptions& options)
      : store_(store), pool_(pool), root_(std::move(root)), pattern_(pattern), options_(options) {}

  std::vector<FileInfo> run() {
    if (pattern_.pattern().find("**") != std::string::npos) {
      match_below();
    } else {
      descend();
    }
    sort_unique(found_);
    return std::move(found_);
  }

 private:
  /// Segment by segment: the directories that match so far are listed side by side.
  void descend() {
    std::vector<Path> level{Path(root_.string() + pattern_.literal_prefix())};
    std::string_view rest =
        std::string_view(pattern_.pattern()).substr(pattern_.literal_prefix().size());
    if (rest.empty() && !level.front().empty()) {  // "a/b/": the directory itself
      add_if_there(level.front(), true);
      return;
    }
    while (!level.empty()) {
      const auto slash = rest.find('/');
      const std::string_view part = rest.substr(0, slash);
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
      const bool last = rest.empty();
      const bool directories_only = slash != std::string_view::npos;
      level = next_level(level, part, {last, directories_only});
    }
  }

  struct Position {
    bool last;
    bool directories_only;
  };

  std::vector<Path> next_level(const std::vector<Path>& level, std::string_view part,
                               Position position) {
    std::vector<Path> next;
    pool_.for_each(
        level.size(), kParallel,
        [&](std::size_t i, const std::stop_token&) {
          std::vector<Path> matching = expand(level[i], part, position);
          const std::lock_guard lock(mutex_);
          next.insert(next.end(), matching.begin(), matching.end());
        },
        options_.stop);
    return next;
  }

  /// The directories to go on with; matches of the last segment are added to what is found.
  std::vector<Path> expand(const Path& base, std::string_view part, Position position) {
    const auto magic = part.find_first_of(kMagic);
    const std::string stem = base.string() + std::string(part.substr(0, magic));
    if (magic == std::string_view::npos) {
      if (!position.last) return {Path(stem + '/')};
      add_if_there(Path(stem), position.directories_only);
      return {};
    }
    const Glob segment{std::string(part)};
    std::vector<Path> next;
    for_each_page(store_, Path(stem), {.call = options_}, [&](std::vector<FileInfo>& entries) {
      for (FileInfo& info : entries) {
        const bool directory = info.type == FileType::directory;
        if (!directory && (position.directories_only || info.path.has_trailing_slash())) continue;
        if (!segment.matches(without_slash(info).path.string().substr(base.string().size())))
          continue;
        if (position.last) {
          add(without_slash(std::move(info)));
        } else {
          next.push_back(std::move(info.path));
        }
      }
    });
    return next;
  }

  /// "**": one listing of all that lies below, matched as a whole. Directories are what files lie
  /// in.
  void match_below() {
    const std::string base = root_.string() + pattern_.literal_prefix();
    const bool slash = pattern_.pattern().ends_with('/') || pattern_.pattern().ends_with("/**");
    const bool directories_only = pattern_.pattern().ends_with('/');
    std::set<std::string> directories;
    const auto add_directories = [&](std::string_view path) {
      for (auto end = path.rfind('/'); end != std::string_view::npos && end + 1 >= base.size();
           end = end == 0 ? std::string_view::npos : path.rfind('/', end - 1)) {
        if (!directories.emplace(path.substr(0, end)).second) return;
      }
    };
    for_each_page(store_, Path(base), {.recursive = true, .call = options_},
                  [&](std::vector<FileInfo>& entries) {
                    for (FileInfo& info : entries) {
                      add_directories(info.path.string());
                      if (directories_only || info.path.has_trailing_slash()) continue;
                      if (pattern_.matches(relative(info.path.string()))) add(std::move(info));
                    }
                  });
    for (const std::string& directory : directories) {
      if (directory.size() < root_.string().size()) continue;  // the root itself
      if (pattern_.matches(relative(directory + (slash ? "/" : "")))) {
        add({.path = directory, .type = FileType::directory});
      }
    }
  }

  void add_if_there(const Path& path, bool directories_only) {
    const Path asked = directories_only ? prefix_of(path) : path;
    auto info = tree::stat(store_, asked, options_);
    if (!info || (directories_only && info->type != FileType::directory)) return;
    info->path = asked;
    add(without_slash(std::move(*info)));
  }

  void add(FileInfo info) {
    const std::lock_guard lock(mutex_);
    found_.push_back(std::move(info));
  }

  [[nodiscard]] std::string relative(const std::string& path) const {
    return path.substr(root_.string().size());
  }

  Store& store_;
  ThreadPool& pool_;
  const Path root_;
  const Glob& pattern_;
  const CallOptions& options_;
  std::mutex mutex_;
  std::vector<FileInfo> found_;  // guarded by mutex_
};

}  // namespace

std::vector<FileInfo> glob(Store& store, ThreadPool& pool, const Path& root, const Glob& pattern,
                           const CallOptions& options) {
  return Expansion(store, pool, prefix_of(root), pattern, options).run();
}

}  // namespace cairn::vfs::tree
