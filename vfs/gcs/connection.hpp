// One bucket, spoken to: credentials and conditions of each attempt.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "vfs/base/services.hpp"
#include "vfs/gcs/config.hpp"
#include "vfs/gcs/credentials.hpp"
#include "vfs/net/connection.hpp"
#include "vfs/powers.hpp"

namespace cairn::vfs::gcs {

/// Thread-safe.
class Connection final : public net::Connection {
 public:
  Connection(const std::string& scheme, std::string_view bucket, const Services& services);

  [[nodiscard]] const BucketConfig& config() const { return config_; }
  [[nodiscard]] const std::string& bucket() const { return config_.bucket; }
  /// nullptr: anonymous.
  [[nodiscard]] CredentialCache* credentials() { return credentials_.get(); }

  /// What the server has been seen not to have: it is not asked for again.
  struct Lacks {
    std::atomic<bool> batch{false};
    std::atomic<bool> move{false};
  };
  [[nodiscard]] Lacks& lacks() { return lacks_; }

 private:
  Connection(const std::string& scheme, const BucketConfig& config, const Services& services);
  [[nodiscard]] static net::Protocol protocol(Connection* self);
  void sign(net::Request& request, std::string_view target, const CallOptions& options);
  [[nodiscard]] bool renew_credentials(const net::Request& request);

  BucketConfig config_;
  std::shared_ptr<CredentialCache> credentials_;
  Lacks lacks_{};
};

}  // namespace cairn::vfs::gcs
