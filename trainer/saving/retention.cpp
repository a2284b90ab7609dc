#include "trainer/saving/retention.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cairn::detail {
namespace {

// Smaller is better, whatever the mode.
double rank(const SavedFile& file, Mode mode) {
  constexpr double worst = std::numeric_limits<double>::infinity();
  if (!file.score || std::isnan(*file.score)) return worst;
  return mode == Mode::min ? *file.score : -*file.score;
}

}  // namespace

bool Retention::owns(const std::string& path) const {
  return std::any_of(files.begin(), files.end(),
                     [&](const SavedFile& file) { return file.path == path; });
}

bool Retention::keeps(const std::string& path, const SavedFile& newer,
                      const ModelCheckpointOptions& options) const {
  if (!owns(path)) return false;
  Retention next = *this;
  next.files.push_back(newer);
  next.files.back().path += ".new";
  const std::vector<std::string> gone = next.obsolete(options, {});
  return std::find(gone.begin(), gone.end(), path) == gone.end();
}

void Retention::add(SavedFile file) {
  forget(file.path);
  files.push_back(std::move(file));
}

void Retention::forget(const std::string& path) {
  std::erase_if(files, [&](const SavedFile& file) { return file.path == path; });
}

std::vector<SavedFile> Retention::best(const ModelCheckpointOptions& options) const {
  std::vector<SavedFile> sorted = files;
  if (options.monitor.empty()) {
    std::reverse(sorted.begin(), sorted.end());
  } else {
    std::erase_if(sorted, [](const SavedFile& file) { return !file.score; });
    std::stable_sort(sorted.begin(), sorted.end(), [&](const SavedFile& a, const SavedFile& b) {
      return rank(a, options.mode) < rank(b, options.mode);
    });
  }
  if (options.save_top_k >= 0 && sorted.size() > static_cast<std::size_t>(options.save_top_k)) {
    sorted.resize(static_cast<std::size_t>(options.save_top_k));
  }
  return sorted;
}

std::vector<std::string> Retention::obsolete(const ModelCheckpointOptions& options,
                                             const std::string& pinned) const {
  const std::vector<SavedFile> wanted = best(options);
  std::vector<std::string> out;
  for (const SavedFile& file : files) {
    const bool is_best = std::any_of(wanted.begin(), wanted.end(),
                                     [&](const SavedFile& kept) { return kept.path == file.path; });
    const bool is_last = options.save_last && file.path == files.back().path;
    if (!is_best && !is_last && file.path != pinned) out.push_back(file.path);
  }
  return out;
}

}  // namespace cairn::detail
