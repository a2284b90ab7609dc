// Which scheme is served by which store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vfs/store.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

class Context;

/// Makes the store of a bucket (the URL's authority). Called on the first use of a bucket in a Context.
using StoreFactory = std::function<std::shared_ptr<Store>(const Url& root, Context& context)>;

/// The URL of a file whose store and path it names in another way; absent: it is of no such kind.
using UrlSpelling = std::function<std::optional<Url>(const Url& url)>;

/// A value: copy it, add to it, give it to Context::make.
class CAIRN_API Registry {
 public:
  Registry() = default;
  /// The list stands in vfs/backends.cpp.
  [[nodiscard]] static Registry builtin();

  /// Replaces an earlier one of the same name.
  void add(std::string scheme, StoreFactory factory);
  /// Asked before the scheme is looked up: "https://account.blob.core.windows.net/…" is az:'s.
  void add_spelling(UrlSpelling spelling) { spellings_.push_back(std::move(spelling)); }
  /// nullptr if nobody serves the scheme.
  [[nodiscard]] const StoreFactory* find(std::string_view scheme) const;
  [[nodiscard]] std::vector<std::string> schemes() const;
  /// As the store that serves it writes it. May throw Error(invalid_argument).
  [[nodiscard]] Url canonical(const Url& url) const;

 private:
  std::map<std::string, StoreFactory, std::less<>> factories_;
  std::vector<UrlSpelling> spellings_;
};

}  // namespace cairn::vfs
