// What uploads in parts and lists in pages have in common, whatever the service.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/net/connection.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// The parts of an upload, as they come. Thread-safe.
template <class Part>
class PartList {
 public:
  void keep(std::uint32_t index, Part part) {
    const std::lock_guard lock(mutex_);
    if (parts_.size() <= index) parts_.resize(index + 1);
    parts_[index] = std::move(part);
  }
  [[nodiscard]] bool empty() const {
    const std::lock_guard lock(mutex_);
    return parts_.empty();
  }
  /// In order. Throws Error(invalid_argument) if one is missing.
  [[nodiscard]] std::vector<Part> complete(const Connection& connection, const Path& path) const {
    const std::lock_guard lock(mutex_);
    std::vector<Part> parts;
    parts.reserve(parts_.size());
    for (const std::optional<Part>& part : parts_) {
      if (!part) {
        connection.fail("commit", path, ErrorCode::invalid_argument, "a part is missing");
      }
      parts.push_back(*part);
    }
    return parts;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::optional<Part>> parts_;  // guarded by mutex_
};

/// For giving up an upload that was started with `call`: also after its caller has been cancelled,
/// as what was sent costs money until it is removed. A caller that has stopped is let go within a
/// second.
[[nodiscard]] CallOptions abort_options(const CallOptions& call);

/// The page that an answer holds. Throws Error(corrupt) if it is none ("a list of objects"), or if
/// it goes on where it began: such a list has no end.
template <class Page>
[[nodiscard]] Page require_page(const Connection& connection, std::string_view operation,
                                const Path& prefix, std::optional<Page> page, std::string_view what,
                                const std::string& page_token) {
  if (!page) {
    connection.fail(operation, prefix, ErrorCode::corrupt,
                    "the server's answer is not " + std::string(what));
  }
  if (!page->next_page_token.empty() && page->next_page_token == page_token) {
    connection.fail(operation, prefix, ErrorCode::corrupt,
                    "the server sends the same page for ever");
  }
  return *std::move(page);
}

}  // namespace cairn::vfs::net
