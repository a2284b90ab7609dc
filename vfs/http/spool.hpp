// Bytes that wait on the local disk until all are there: a PUT is one request, and says its length
// first.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "vfs/bytes.hpp"

namespace cairn::vfs::http {

/// A file without a name, in `folder`. Gone with the process, however it ends. Thread-safe.
class Spool {
 public:
  /// Throws Error, with `url` as what was to be written.
  Spool(const std::string& folder, std::string url);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  struct Extent {
    std::uint64_t offset{0};
    std::uint64_t size{0};
  };
  [[nodiscard]] Extent append(const Body& body);
  /// All of it in memory, as far as it is touched. Once, when nothing is appended any more; lives
  /// as long as the spool.
  [[nodiscard]] std::span<const std::byte> map();

 private:
  [[noreturn]] void fail_with(int error) const;

  std::string url_;
  int file_{-1};
  std::mutex mutex_;
  std::uint64_t size_{0};  // guarded by mutex_
  void* mapped_{nullptr};
  std::size_t mapped_size_{0};
};

}  // namespace cairn::vfs::http
