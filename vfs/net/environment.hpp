// Environment variables, of the configuration or of the process.
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>

#include "vfs/config.hpp"

namespace cairn::vfs::net {

struct Variable {
  std::string name{};
  std::string value{};
};

/// The first that is set and not empty; an empty value if there is none.
[[nodiscard]] inline Variable first_variable(const Config& config,
                                             std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* own = config.environment ? nullptr : std::getenv(name);
    std::string value = own == nullptr ? std::string{} : own;
    if (config.environment) value = config.environment(name).value_or("");
    if (!value.empty()) return {name, std::move(value)};
  }
  return {};
}

}  // namespace cairn::vfs::net
