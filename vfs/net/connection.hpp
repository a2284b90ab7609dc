// One place of a service, spoken to: what all stores over HTTP have in common.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "vfs/base/services.hpp"
#include "vfs/net/client.hpp"
#include "vfs/net/errors.hpp"

namespace cairn::vfs::net {

/// Sends calls, and makes errors that name the file. A store derives its own from it, which knows
/// credentials and signs. Thread-safe.
class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Throws Error only if there are no credentials; else see Outcome.
  [[nodiscard]] Outcome send(Call call, const Path& path);
  /// Throws Error unless the outcome is a success.
  Response require(Call call, const Path& path);
  [[noreturn]] void fail(std::string_view operation, const Path& path, const Outcome& outcome,
                         Condition condition = Condition::none) const;
  /// An error that this side has found.
  [[noreturn]] void fail(std::string_view operation, const Path& path, ErrorCode code,
                         std::string message, std::string hint = {}) const;

  /// It has answered with a success before: the bucket is there, and the credentials are good.
  [[nodiscard]] bool proven() const { return proven_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string url(const Path& path) const;  ///< for messages
  [[nodiscard]] const Services& services() const { return services_; }
  /// What is dated beside the requests themselves gets this time: see Client::server_now.
  [[nodiscard]] TimePoint server_now() const { return client_.server_now(); }

 protected:
  /// `root` is the URL of the whole: "s3://bucket".
  Connection(std::string root, Services services, Protocol protocol, ErrorRules rules);
  ~Connection() = default;
  [[nodiscard]] Client& client() { return client_; }

 private:
  std::string root_;
  Services services_;
  ErrorRules rules_;
  std::atomic<bool> proven_{false};
  Client client_;
};

}  // namespace cairn::vfs::net
