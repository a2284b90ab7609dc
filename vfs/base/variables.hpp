// Environment variables: those of a configuration, or the process's.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/config.hpp"

namespace cairn::vfs {

struct Variable {
  std::string name{};
  std::string value{};
};

/// Of config.environment, or of the process if that is empty. An empty variable counts as not set.
class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  /// The first that is set.
  [[nodiscard]] std::optional<std::string> first_of(
      std::initializer_list<std::string_view> names) const;
  /// The same, with its name; both empty if none is set.
  [[nodiscard]] Variable first_named(std::initializer_list<std::string_view> names) const;
  /// "true", "1" or "yes", in any case.
  [[nodiscard]] bool is_true(std::string_view name) const;

 private:
  Environment environment_;
};

/// $HOME, or what the system says of the user; empty: unknown.
[[nodiscard]] std::string home_folder(const Variables& variables);

}  // namespace cairn::vfs
