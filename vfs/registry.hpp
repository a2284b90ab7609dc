// Which scheme is served by which store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;

/// Makes the store of a bucket (the URL's authority). Called on the first use of a bucket in a Context.
using StoreFactory = std::function<std::shared_ptr<Store>(const Url& root, Context& context)>;

/// A value: copy it, add to it, give it to Context::make.
class CAIRN_API Registry {
 public:
  Registry() = default;
  /// file, memory, http(s), s3 (and s3a): the list stands in vfs/backends.cpp.
  [[nodiscard]] static Registry builtin();

  /// Replaces an earlier one of the same name.
  void add(std::string scheme, StoreFactory factory);
  /// nullptr if nobody serves the scheme.
  [[nodiscard]] const StoreFactory* find(std::string_view scheme) const;
  [[nodiscard]] std::vector<std::string> schemes() const;

 private:
  std::map<std::string, StoreFactory, std::less<>> factories_;
};

}  // namespace cairn::vfs
