// What users hold: one API over every store.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/bytes.hpp"
#include "vfs/config.hpp"
#include "vfs/powers.hpp"
#include "vfs/store.hpp"
#include "vfs/stream.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs {

class Context;

/// A part of a file and where its bytes go.
struct RangeRead {
  std::uint64_t offset{0};
  std::span<std::byte> into{};
  std::uint32_t* crc32{nullptr};  ///< set to the CRC-32 of the bytes (ISO 3309, zip's), which is computed as they come
};

/// A bucket, container or local disk. A cheap handle: copies share the store and its Context. All calls are thread-safe, block, and
/// throw Error. Directories on object stores are prefixes: they are there while something is in them.
class CAIRN_API FileSystem {
 public:
  FileSystem(std::shared_ptr<Store> store, std::shared_ptr<Context> context);
  /// The file system of a URL, with a Context of its own. Paths are relative to the URL's path.
  [[nodiscard]] static FileSystem open(std::string_view url, Config config = {});

  [[nodiscard]] const Capabilities& capabilities() const;
  /// The URL of a path, for messages and for others to open.
  [[nodiscard]] std::string url(const Path& path) const;

  /// Absent if there is neither a file nor a directory of that name.
  [[nodiscard]] std::optional<FileInfo> stat(const Path& path, const CallOptions& options = {}) const;
  /// Throws if the answer can't be known (no permission, no connection).
  [[nodiscard]] bool exists(const Path& path, const CallOptions& options = {}) const;
  /// The entries of a directory, sorted; recursive: all files below it. Throws not_found if there is no such directory.
  [[nodiscard]] std::vector<FileInfo> list(const Path& directory, const ListOptions& options = {}) const;
  /// What matches, sorted: files, and directories without the trailing '/'. None is not an error.
  [[nodiscard]] std::vector<FileInfo> glob(const Glob& pattern, const CallOptions& options = {}) const;

  [[nodiscard]] Buffer read(const Path& path, const ReadOptions& options = {}) const;
  [[nodiscard]] std::string read_text(const Path& path, const ReadOptions& options = {}) const;
  /// Fills every range, in parallel; near ranges are fetched together, large ones split. All from one version of the file. Throws
  /// invalid_argument for a range past the end. Returns size and etag of the file.
  FileInfo read_ranges(const Path& path, std::span<const RangeRead> ranges, const ReadOptions& options = {}) const;
  [[nodiscard]] Reader open_read(const Path& path, const ReadOptions& options = {}) const;

  /// Whole file; large bodies go in parallel parts straight from the caller's memory.
  WriteResult write(const Path& path, const Body& body, const WriteOptions& options = {}) const;
  [[nodiscard]] Writer open_write(const Path& path, const WriteOptions& options = {}) const;

  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options = {}) const;
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options = {}) const;
  /// A file. One that is not there is no error.
  void remove(const Path& path, const CallOptions& options = {}) const;
  /// A directory with all in it. Returns how many files went. Throws if one could not be removed.
  std::size_t remove_all(const Path& directory, const CallOptions& options = {}) const;

  // What only some stores can do; throws unsupported elsewhere.

  /// A URL by which anybody can read or write the file until it expires: a credential, with the rights of who signs. Sends nothing
  /// where a key is at hand (Google's and Azure's tokens sign by asking), so that on S3 a wrong region shows when it is used.
  [[nodiscard]] Secret sign(const Path& path, const SignOptions& options = {}) const;
  /// All versions of the file of that name and of those below the directory of that name, the latest of each first.
  [[nodiscard]] std::vector<FileVersion> list_versions(const Path& path, const CallOptions& options = {}) const;
  /// Absent if there is no such version, or if it is the mark of a removal.
  [[nodiscard]] std::optional<FileInfo> stat_version(const Path& path, const std::string& version,
                                                     const CallOptions& options = {}) const;
  /// For good. Without its delete marker a removed file is back.
  void remove_version(const Path& path, const std::string& version, const CallOptions& options = {}) const;
  /// Uploads in parts that were never ended, to the file of that name and to those below the directory of that name. Where parts
  /// are objects (Cloud Storage) they stand in the file's folder, and only that finds them.
  [[nodiscard]] std::vector<UnfinishedUpload> list_uploads(const Path& path, const CallOptions& options = {}) const;
  /// Aborts those that were started more than `older_than` ago (by the store's clock), whoever started them: they can't be told
  /// apart, so give a path that is yours and an age that no running upload has. Returns what was aborted.
  std::vector<UnfinishedUpload> remove_stale_uploads(const Path& path, std::chrono::seconds older_than,
                                                     const CallOptions& options = {}) const;
  /// A local file as memory (mmap, private): pages come from the disk when they are touched, and go again when memory is short. The
  /// mapping outlives the file's removal and its replacement by another file, as writes here make one. Cut short in place by another
  /// program it is lost: touching what is gone ends the process (SIGBUS).
  [[nodiscard]] MappedFile map(const Path& path, const ReadOptions& options = {}) const;

  [[nodiscard]] Store& store() const noexcept { return *store_; }
  [[nodiscard]] Context& context() const noexcept { return *context_; }
  /// What a path is called in store(): behind the URL that the file system was opened with.
  [[nodiscard]] Path in_store(const Path& path) const;

 private:
  [[nodiscard]] Path below_root(Path path) const;
  [[nodiscard]] std::vector<FileInfo> below_root(std::vector<FileInfo> entries) const;
  void check_version(const Path& path, const std::string& version) const;

  std::shared_ptr<Context> context_;  // outlives the store
  std::shared_ptr<Store> store_;
  Path root_;
};

/// A file system and a path in it: what a URL stands for.
struct Location {
  FileSystem file_system;
  Path path;
};

}  // namespace cairn::vfs
