#include "vfs/base/variables.hpp"

#include <cstdlib>
#include <utility>

#include <pwd.h>
#include <unistd.h>

#include "vfs/base/text.hpp"

namespace cairn::vfs {

std::optional<std::string> Variables::find(std::string_view name) const {
  std::optional<std::string> value;
  if (environment_) {
    value = environment_(name);
  } else if (const char* text = std::getenv(std::string(name).c_str())) {
    value = text;
  }
  return value && value->empty() ? std::nullopt : value;
}

std::optional<std::string> Variables::first_of(
    std::initializer_list<std::string_view> names) const {
  Variable found = first_named(names);
  return found.name.empty() ? std::nullopt : std::optional(std::move(found.value));
}

Variable Variables::first_named(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (auto value = find(name)) return {std::string(name), *std::move(value)};
  }
  return {};
}

bool Variables::is_true(std::string_view name) const {
  const auto value = find(name);
  if (!value) return false;
  const std::string text = to_lower(*value);
  return text == "true" || text == "1" || text == "yes";
}

std::string home_folder(const Variables& variables) {
  if (const auto home = variables.find("HOME")) return *home;
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found);
  return found == nullptr ? "" : found->pw_dir;
}

}  // namespace cairn::vfs
