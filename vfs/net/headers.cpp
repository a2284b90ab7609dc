#include <algorithm>

#include "vfs/net/text.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {

void Headers::set(std::string_view name, std::string_view value) {
  const auto found = std::ranges::find_if(
      fields_, [name](const auto& field) { return equal_ignoring_case(field.first, name); });
  if (found == fields_.end()) return add(name, value);
  found->second = value;
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_,
                [name](const auto& field) { return equal_ignoring_case(field.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view{});
}

}  // namespace cairn::vfs::net
