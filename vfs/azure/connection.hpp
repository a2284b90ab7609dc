// One container, spoken to: credentials and authorization of each attempt.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/azure/config.hpp"
#include "vfs/azure/credentials.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/net/connection.hpp"
#include "vfs/url.hpp"

namespace cairn::vfs::azure {

/// What a server turned out to lack, once for all calls.
struct Lacks {
  std::atomic<bool> crc64{false};          ///< x-ms-content-crc64: MD5 is sent instead
  std::atomic<bool> copy_from_url{false};  ///< Put Blob From URL and Put Block From URL
  std::atomic<bool> batch{false};
};

/// Thread-safe.
class Connection final : public net::Connection {
 public:
  Connection(const Url& root, const Services& services);

  [[nodiscard]] const ContainerConfig& config() const { return config_; }
  [[nodiscard]] Lacks& lacks() { return lacks_; }
  /// Of new blobs; empty: the account's.
  [[nodiscard]] const std::string& tier() const { return services().config.azure.access_tier; }
  /// Of a blob, or of the container if the key is empty.
  [[nodiscard]] std::string target(const Path& key, const Query& query = {}) const {
    return azure::target(config_.container, key, query);
  }
  /// Sets URL, date and authorization. A target that is a URL already stays as it is. Throws
  /// net::CredentialError and net::TransportError.
  void authorize(net::Request& request, std::string_view target, TimePoint now,
                 const CallOptions& options);
  /// For what is authorized beside the request itself. Absent: anonymous. Throws Error.
  [[nodiscard]] std::shared_ptr<const Credentials> held_credentials(std::string_view operation,
                                                                    const Path& path,
                                                                    const CallOptions& options);

 private:
  Connection(const Url& root, const Services& services, ContainerConfig config);
  [[nodiscard]] static std::shared_ptr<const Credentials> credentials_of(const Url& root);
  [[nodiscard]] net::Protocol protocol();
  void sign(net::Request& request, std::string_view target, TimePoint now,
            const CallOptions& options);
  [[nodiscard]] std::shared_ptr<const Credentials> credentials(const CallOptions& options);
  [[nodiscard]] bool recover(const net::ServiceError& error, const net::Request& request,
                             const net::Response& response);
  [[nodiscard]] bool renew_credentials(const net::Request& request);

  ContainerConfig config_;
  std::shared_ptr<const Credentials> of_url_;  // empty: the URL holds no SAS
  std::shared_ptr<CredentialCache> credentials_;
  Lacks lacks_;
};

}  // namespace cairn::vfs::azure
