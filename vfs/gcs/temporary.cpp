#include "vfs/gcs/temporary.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cairn::vfs::gcs {
namespace {

constexpr std::string_view kMark = ".cairn-upload-";
constexpr std::size_t kTokenSize = 32;

}  // namespace

Path temporary_folder(const Path& target, std::string_view token) {
  const std::string& key = target.string();
  return Path(fmt::format("{}{}{}/", key.substr(0, key.rfind('/') + 1), kMark, token));
}

std::string_view temporary_folder_of(std::string_view key) {
  const std::size_t mark = key.rfind(kMark);
  if (mark == std::string_view::npos || (mark != 0 && key[mark - 1] != '/')) return {};
  const std::size_t end = mark + kMark.size() + kTokenSize;
  if (key.size() <= end || key[end] != '/') return {};
  const std::string_view token = key.substr(mark + kMark.size(), kTokenSize);
  const bool is_token = std::ranges::all_of(
      token, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return is_token ? key.substr(0, end + 1) : std::string_view{};
}

}  // namespace cairn::vfs::gcs
