// One bucket, spoken to: credentials, region and signing of each attempt, and errors that name the
// file.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vfs/base/per_process.hpp"
#include "vfs/base/services.hpp"
#include "vfs/net/client.hpp"
#include "vfs/powers.hpp"
#include "vfs/s3/config.hpp"
#include "vfs/s3/credentials.hpp"
#include "vfs/s3/errors.hpp"
#include "vfs/s3/sign.hpp"

namespace cairn::vfs::s3 {

/// Thread-safe.
class Connection {
 public:
  Connection(std::string scheme, std::string_view bucket, Services services);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Throws Error only if there are no credentials; else see Outcome.
  [[nodiscard]] net::Outcome send(net::Call call, const Path& path);
  /// Throws Error unless the outcome is a success.
  net::Response require(net::Call call, const Path& path);
  [[noreturn]] void fail(std::string_view operation, const Path& path, const net::Outcome& outcome,
                         Condition condition = Condition::none) const;
  /// An error that this side has found.
  [[noreturn]] void fail(std::string_view operation, const Path& path, ErrorCode code,
                         std::string message, std::string hint = {}) const;

  /// The URL that carries `request` out (its method and headers) for as long as options say.
  [[nodiscard]] Secret presign(net::Request request, std::string_view target, const Path& path,
                               const SignOptions& options);

  /// The bucket has answered with a success before: it is there, and the credentials are good.
  [[nodiscard]] bool proven() const { return proven_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string url(const Path& path) const;
  [[nodiscard]] const BucketConfig& config() const { return config_; }
  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] const S3Options& options() const { return services_.config.s3; }

 private:
  [[nodiscard]] net::Protocol protocol();
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
  std::string scheme_;
  Services services_;
  BucketConfig config_;
  Signer signer_;
  std::shared_ptr<CredentialCache> credentials_;
  PerProcess<Learnt> learnt_;
  std::atomic<bool> proven_{false};
  net::Client client_;
};

}  // namespace cairn::vfs::s3
