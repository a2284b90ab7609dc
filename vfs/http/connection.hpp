// One web server, spoken to: redirects, secrets that stay with it, and what it can do.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/base/per_process.hpp"
#include "vfs/http/config.hpp"
#include "vfs/http/parse.hpp"
#include "vfs/net/connection.hpp"

namespace cairn::vfs::http {

/// Thread-safe.
class Connection final : public net::Connection {
 public:
  Connection(const Url& root, const Services& services);

  /// How a call ended, and where.
  struct Reply {
    net::Outcome outcome{};
    std::string url{};      ///< that answered
    bool directory{false};  ///< the server adds a '/' to the path, and was asked no further

    [[nodiscard]] int status() const { return outcome.failure ? 0 : outcome.response.status; }
  };
  /// Sends a call to a file of this server, or to the absolute URL that its target is, and goes
  /// where the answer says: ten times, never from https to http, and with no secret to another
  /// server.
  [[nodiscard]] Reply follow(net::Call call, const Path& path);
  /// The same; throws Error unless it is a success.
  Reply require_followed(net::Call call, const Path& path);

  /// What can be done below the same top-level folder: asked once, by OPTIONS.
  [[nodiscard]] Powers powers(const Path& path, const CallOptions& options);
  /// Of all folders that were asked so far; absent: none was.
  [[nodiscard]] std::optional<Powers> known_powers() const;

  /// The URL where a file was found behind redirects, which may hold for a short time only.
  [[nodiscard]] std::string remembered(const Path& path);
  void remember(const Path& path, const std::string& url);  ///< empty: forget

  /// The server sends whole files where ranges are asked for.
  [[nodiscard]] bool ignores_ranges() const { return ignores_ranges_.load(); }
  void note_ignored_range();

  [[nodiscard]] std::string target(const Path& path) const { return site_.target(path); }
  [[nodiscard]] const Site& site() const { return site_; }

 private:
  Connection(Site site, const Services& services);
  [[nodiscard]] static net::Protocol protocol_of(Connection* self);
  void sign(net::Request& request, std::string_view target) const;
  void check_parents(const Path& path, const CallOptions& options);

  struct Learnt {
    std::mutex mutex{};
    std::map<std::string, Powers, std::less<>> powers{};      // guarded by mutex; by folder
    std::map<std::string, std::string, std::less<>> found{};  // guarded by mutex; by path
  };
  Site site_;
  mutable PerProcess<Learnt> learnt_;
  std::atomic<bool> ignores_ranges_{false};
};

}  // namespace cairn::vfs::http
