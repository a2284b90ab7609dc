#include "vfs/registry.hpp"

#include <utility>

namespace cairn::vfs {

void Registry::add(std::string scheme, StoreFactory factory) {
  factories_.insert_or_assign(std::move(scheme), std::move(factory));
}

const StoreFactory* Registry::find(std::string_view scheme) const {
  const auto found = factories_.find(scheme);
  return found == factories_.end() ? nullptr : &found->second;
}

Url Registry::canonical(const Url& url) const {
  for (const UrlSpelling& spelling : spellings_) {
    if (auto other = spelling(url)) return *std::move(other);
  }
  return url;
}

std::vector<std::string> Registry::schemes() const {
  std::vector<std::string> names;
  names.reserve(factories_.size());
  for (const auto& [scheme, factory] : factories_) names.push_back(scheme);
  return names;
}

}  // namespace cairn::vfs
