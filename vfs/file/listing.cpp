#include "vfs/file/listing.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>

#include "vfs/base/fail.hpp"
#include "vfs/file/temporary.hpp"

namespace cairn::vfs::file {
namespace {

struct Entry {
  FileInfo info{};
  bool descend{false};
};

/// Follows links; one that leads nowhere is shown as it is, so that it can be removed. False if it
/// is gone meanwhile.
bool look_at(int folder, const char* name, const std::string& path, Entry& entry) {
  struct stat link{};
  if (::fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) != 0) return false;
  struct stat target = link;
  if (S_ISLNK(link.st_mode) && ::fstatat(folder, name, &target, 0) != 0) target = link;
  entry.info = info_of(path, target);
  if (S_ISDIR(target.st_mode)) {
    entry.info.path = path + '/';
    entry.descend = !S_ISLNK(link.st_mode);
  }
  return true;
}

std::vector<Entry> read_folder(const std::string& folder, std::string_view stem, const Call& call) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(
      ::opendir(folder.empty() ? "." : folder.c_str()), &::closedir);
  if (!directory) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throw_errno(errno, call);
  }
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* found = ::readdir(directory.get());
    if (found == nullptr) break;
    const std::string_view name = found->d_name;
    if (name == "." || name == ".." || is_temporary_name(name) || !name.starts_with(stem)) continue;
    Entry entry;
    if (look_at(::dirfd(directory.get()), found->d_name, folder + found->d_name, entry)) {
      entries.push_back(std::move(entry));
    }
  }
  if (errno != 0) throw_errno(errno, call);
  return entries;
}

void collect(const std::string& folder, std::string_view stem, const Selection& selection,
             const Call& call, std::vector<FileInfo>& out) {
  check_call(call.options, call.operation, call.url);
  for (Entry& entry : read_folder(folder, stem, call)) {
    const bool is_folder = entry.info.type == FileType::directory;
    if (selection.recursive && entry.descend) {
      collect(entry.info.path.string(), {}, selection, call, out);
    } else if (!selection.recursive || !is_folder) {
      out.push_back(std::move(entry.info));
    }
  }
}

}  // namespace

std::vector<FileInfo> list_folder(const Selection& selection, const Call& call) {
  const std::string& prefix = selection.prefix.string();
  const auto slash = prefix.rfind('/');
  const std::size_t stem = slash == std::string::npos ? 0 : slash + 1;

  std::vector<FileInfo> entries;
  collect(prefix.substr(0, stem), std::string_view(prefix).substr(stem), selection, call, entries);
  std::erase_if(entries,
                [&](const FileInfo& info) { return info.path.string() <= selection.start_after; });
  std::sort(entries.begin(), entries.end(),
            [](const FileInfo& left, const FileInfo& right) { return left.path < right.path; });
  return entries;
}

}  // namespace cairn::vfs::file
