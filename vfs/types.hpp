// The values that operations take and return.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "vfs/error.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs {

using TimePoint = std::chrono::system_clock::time_point;
using Metadata = std::map<std::string, std::string>;

enum class FileType { file, directory };

enum class ChecksumType { crc32, crc32c, crc64nvme };

/// Of all bytes of a file, as the store keeps it.
struct Checksum {
  ChecksumType type{ChecksumType::crc32c};
  std::uint64_t value{0};

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

struct FileInfo {
  Path path{};
  FileType type{FileType::file};
  std::uint64_t size{0};
  TimePoint modified{};
  std::string etag{};     ///< opaque; changes with the content
  std::string version{};  ///< where the store keeps versions
  std::string content_type{};
  std::string storage_class{};  ///< where the store has more than one, and it is not the usual one
  Metadata metadata{};
  std::optional<Checksum> checksum{};  ///< where the store keeps one and tells it
};

/// Bytes [offset, offset + length) of a file.
struct ByteRange {
  std::uint64_t offset{0};
  std::uint64_t length{0};
};

/// Told how many of `total` bytes are done; total 0: it is not known yet. `done` never falls, unless all has to be sent anew. May come
/// from any thread, one call at a time. What it throws ends the operation, which throws it on.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Given to every call: when to give up.
struct CallOptions {
  std::stop_token stop{};
  std::optional<std::chrono::steady_clock::time_point> deadline{};
};

struct ReadOptions {
  std::string if_match{};  ///< read this etag or fail with precondition_failed; empty: any
  std::string version{};   ///< an older one, where the store keeps versions; empty: the latest
  /// The whole file is wanted and expected to fit: lets a store answer with its checksum. Set by
  /// FileSystem where it is so.
  bool entire{false};
  /// Of the bytes as they come: this checksum, instead of the one that the store keeps of its files. Set by FileSystem where ranges
  /// ask for one.
  std::optional<ChecksumType> digest{};
  CallOptions call{};
};

struct WriteOptions {
  bool if_absent{false};   ///< create only: already_exists otherwise
  std::string if_match{};  ///< replace only this etag: precondition_failed otherwise
  std::string content_type{};
  Metadata metadata{};
  // Where Capabilities::object_options:
  std::string cache_control{};
  std::string content_disposition{};
  std::string content_encoding{};  ///< a label: nothing is encoded or decoded here
  std::string storage_class{};     ///< empty: the store's
  std::string source_version{};    ///< of copies: copy this version
  Metadata tags{};                 ///< by which access, cost and lifetime are ruled
  /// What a large file is cut into, where it goes in parts; within the store's limits. 0: what TransferOptions or the store prefer.
  std::uint64_t part_size{0};
  Progress progress{};  ///< of the bytes that the store has taken, part by part; copies within a store tell nothing
  CallOptions call{};
};

/// What was written; the etag can be the condition of the next write.
struct WriteResult {
  std::uint64_t size{0};
  std::string etag{};
  std::string version{};
};

struct ListOptions {
  bool recursive{false};
  std::string start_after{};      ///< names after this one, where the store can
  std::uint32_t page_size{1000};  ///< a wish
  std::string page_token{};       ///< of the page before
  CallOptions call{};
};

struct ListPage {
  std::vector<FileInfo> entries{};  ///< files; not recursive: directories too, paths ending in '/'
  std::string next_page_token{};    ///< empty: the last page
};

struct RemoveResult {
  Path path{};
  std::string error{};            ///< empty: removed, or was not there
  ErrorCode code{ErrorCode::io};  ///< of the error
};

/// What a store can do, and its limits. Data, never a guess by scheme.
struct Capabilities {
  bool create_only{false};       ///< honours WriteOptions::if_absent
  bool replace_if_match{false};  ///< honours WriteOptions::if_match
  bool server_side_copy{false};
  bool create_only_copy{false};  ///< honours if_absent in copy
  bool atomic_move{false};
  bool directories{false};      ///< real ones, which can be empty
  bool removes_trees{false};    ///< remove of a directory ("d/") takes all in it
  bool ordered_listing{false};  ///< names come sorted by bytes
  std::uint64_t max_put{0};     ///< largest single put; 0: no limit
  std::uint64_t min_part{1};
  std::uint64_t max_part{0};            ///< 0: no limit
  std::uint32_t max_parts{0};           ///< 0: no limit
  std::uint64_t part_size{8ULL << 20};  ///< preferred
  std::uint64_t max_copy{0};            ///< largest object for one server-side copy; 0: no limit
  bool metadata{false};                 ///< keeps content_type and metadata
  bool object_options{false};  ///< heeds tags, storage_class, cache_control, content_disposition and content_encoding
  bool checksums{false};       ///< keeps checksums, and tells them with stat: FileInfo::checksum
  bool parallel_parts{false};  ///< parts may be sent in any order, from many threads
  /// Any part of a file can be read for itself; false: what comes before it is read, too, and dropped.
  bool ranged_reads{true};
  bool maps{false};  ///< FileSystem::map
};

}  // namespace cairn::vfs
