// Where a case works: a fresh prefix of the store under test.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/pattern.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

namespace cairn::conformance {

/// What some servers get wrong although their protocol promises it.
enum class Fault {
  empty_segments_refused,      ///< keys like "a//b" are an error
  empty_segments_folded,       ///< "a//b" is the same file as "a/b"
  file_and_directory,          ///< "a" and "a/b" can't both be there
  etag_of_seconds,             ///< two writes of one size within a second have the same etag
  hidden_names,                ///< those that begin with '.' are not listed
  no_etags_in_listing,         ///< a listing does not tell them
  uploads_end_others,          ///< a commit drops the parts of other uploads of that file
  refusals_alike,              ///< who is not known looks like one who lacks a permission
  backslashes_folded,          ///< "a\\b" is the same file as "a/b"
  compose_ignores_conditions,  ///< so do uploads in parts
  rewrite_ignores_conditions,  ///< so do copies
  status_ends_sessions,        ///< a resumable upload that is asked how much it has ends there
};

[[nodiscard]] bool server_has(Fault fault);

/// CAIRN_TEST_URL and a prefix that nobody else uses; removed with everything in it at the end.
class Place {
 public:
  explicit Place(vfs::Config config = {});
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  const std::string url;
  const vfs::FileSystem files;
  const vfs::Capabilities can;

  [[nodiscard]] vfs::Store& store() const { return files.store(); }
  [[nodiscard]] vfs::Path in_store(const std::string& path) const { return files.in_store(path); }
};

/// The code of the Error that the call throws. Fails the case if it throws none, or one that does
/// not name a URL.
[[nodiscard]] vfs::ErrorCode code_of(const std::function<void()>& call);

/// Paths; directories end in '/'.
[[nodiscard]] std::vector<std::string> names(const std::vector<vfs::FileInfo>& entries);

using test::pattern;

[[nodiscard]] inline std::span<std::byte> bytes_of(std::string& text) {
  return std::as_writable_bytes(std::span(text));
}

inline constexpr std::size_t kMiB = 1U << 20U;

using Names = std::vector<std::string>;

}  // namespace cairn::conformance
