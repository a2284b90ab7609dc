// One bucket, spoken to: credentials, region and signature of each attempt.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vfs/base/per_process.hpp"
#include "vfs/base/services.hpp"
#include "vfs/net/connection.hpp"
#include "vfs/powers.hpp"
#include "vfs/s3/config.hpp"
#include "vfs/s3/credentials.hpp"
#include "vfs/s3/sign.hpp"

namespace cairn::vfs::s3 {

/// Thread-safe.
class Connection final : public net::Connection {
 public:
  Connection(const std::string& scheme, std::string_view bucket, const Services& services);

  /// See net::Connection; the account that pays and owns goes along.
  [[nodiscard]] net::Outcome send(net::Call call, const Path& path);
  net::Response require(net::Call call, const Path& path);

  /// The URL that carries `request` out (its method and headers) for as long as options say.
  [[nodiscard]] Secret presign(net::Request request, std::string_view target, const Path& path,
                               const SignOptions& options);

  [[nodiscard]] const BucketConfig& config() const { return config_; }
  [[nodiscard]] const S3Options& options() const { return services().config.s3; }

 private:
  Connection(const std::string& scheme, const BucketConfig& config, const Services& services);
  [[nodiscard]] static net::Protocol protocol(Connection* self);
  void sign(net::Request& request, std::string_view target, TimePoint now,
            const CallOptions& options);
  [[nodiscard]] bool recover(const net::ServiceError& error, const net::Request& request,
                             const net::Response& response, const CallOptions& options);
  [[nodiscard]] std::string region();
  [[nodiscard]] bool change_region(const net::Request& request, std::string region);
  /// What is behind an answer that does not tell it: a region, or a token that has expired.
  [[nodiscard]] net::ServiceError ask_for_cause(const CallOptions& options);
  /// The request was signed with credentials that the service refuses: are there others?
  [[nodiscard]] bool renew_credentials(const net::Request& request);

  /// What was learnt about the bucket.
  struct Learnt {
    std::mutex mutex{};
    std::string region{};  // guarded by mutex; empty: as configured
  };
  BucketConfig config_;
  Signer signer_;
  std::shared_ptr<CredentialCache> credentials_;
  PerProcess<Learnt> learnt_;
};

}  // namespace cairn::vfs::s3
