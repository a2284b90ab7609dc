// What only some stores can do: signed URLs, versions, a look at unfinished uploads, files as memory, questions about themselves. A
// Store may be one of these, too; FileSystem finds out, and throws unsupported where it is not.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vfs/secret.hpp"
#include "vfs/store.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs {

enum class SignMethod { get, put };

struct SignOptions {
  SignMethod method{SignMethod::get};
  std::chrono::seconds expires{3600};  ///< 1 s … 7 days; temporary credentials end it sooner
  /// What `expires` counts from; absent: now. The same time gives the same URL, which caches like.
  std::optional<TimePoint> signed_at{};
  std::string version{};       ///< get: an older one
  std::string content_type{};  ///< put: the request has to send this Content-Type
  bool if_absent{false};       ///< put: the request has to send "If-None-Match: *"
  std::string if_match{};      ///< the request has to send this If-Match
  CallOptions call{};
};

class Presigner {
 public:
  virtual ~Presigner() = default;
  /// A URL by which anybody can read or write the file until it expires: a credential. Sends
  /// nothing where a key is at hand; else the service is asked for a key or a signature.
  [[nodiscard]] virtual Secret sign(const Path& path, const SignOptions& options) = 0;
};

/// One of the versions of a file, or the mark of its removal.
struct FileVersion {
  FileInfo info{};  ///< its version is never empty
  bool latest{false};
  bool removed{false};  ///< a delete marker: no bytes; removing it brings the version before it back
};

struct VersionPage {
  std::vector<FileVersion> entries{};
  std::string next_page_token{};  ///< empty: the last page
};

class Versions {
 public:
  virtual ~Versions() = default;
  /// Of all files whose names begin with `prefix`: by name, the latest first.
  [[nodiscard]] virtual VersionPage list_versions_page(const Path& prefix, const std::string& page_token,
                                                       const CallOptions& options) = 0;
  /// Absent if there is no such version, or if it is a delete marker.
  [[nodiscard]] virtual std::optional<FileInfo> stat_version(const Path& path, const std::string& version,
                                                             const CallOptions& options) = 0;
  /// For good. One that is not there is no error.
  virtual void remove_version(const Path& path, const std::string& version, const CallOptions& options) = 0;
};

/// An upload in parts that was neither committed nor aborted: its parts cost money and show in no listing of files.
struct UnfinishedUpload {
  Path path{};
  std::string id{};
  TimePoint started{};
  std::string initiator{};  ///< who started it, as the store calls them
};

struct UploadPage {
  std::vector<UnfinishedUpload> entries{};
  std::string next_page_token{};  ///< empty: the last page
  TimePoint now{};                ///< by the store's clock, which `started` was taken from
};

class Uploads {
 public:
  virtual ~Uploads() = default;
  [[nodiscard]] virtual UploadPage list_uploads_page(const Path& prefix, const std::string& page_token,
                                                     const CallOptions& options) = 0;
  /// One that has ended meanwhile is no error.
  virtual void abort_upload(const Path& path, const std::string& id, const CallOptions& options) = 0;
};

/// A file as memory: nothing is read before it is touched.
struct MappedFile {
  std::span<std::byte> bytes{};  ///< may be written to: the file does not change, nor does what others see
  std::shared_ptr<void> owner{};  ///< keeps `bytes` there
  FileInfo info{};
};

class Mapper {
 public:
  virtual ~Mapper() = default;
  [[nodiscard]] virtual MappedFile map(const Path& path, const ReadOptions& options) = 0;
};

/// A store whose Capabilities depend on what the service says of itself: whether directories are real.
class Inquirer {
 public:
  virtual ~Inquirer() = default;
  /// Asks, so that Capabilities are what is so; once, as later calls send nothing. Before it they promise less. Throws nothing: what
  /// can't be had now is asked for the next time. Thread-safe.
  virtual void inquire(const CallOptions& options) = 0;
};

}  // namespace cairn::vfs
