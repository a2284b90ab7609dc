// The URLs of FileSystem::sign.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "vfs/azure/connection.hpp"
#include "vfs/azure/sas.hpp"
#include "vfs/base/per_process.hpp"
#include "vfs/powers.hpp"

namespace cairn::vfs::azure {

/// Signs with the account's key or, for whoever has a token, with a delegation key, which the
/// service is asked for and which is kept for as long as it is good. Thread-safe.
class UrlSigner {
 public:
  explicit UrlSigner(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  /// Throws Error: unsupported for what Azure's signatures can't demand, and for whoever has a SAS
  /// only.
  [[nodiscard]] Secret sign(const Path& path, const SignOptions& options);

 private:
  [[nodiscard]] Grant grant(const Path& path, const SignOptions& options) const;
  [[nodiscard]] DelegationKey delegation_key(const Grant& grant, const SignOptions& options);

  struct Held {
    std::mutex mutex{};
    std::optional<DelegationKey> key{};  // guarded by mutex
  };
  std::shared_ptr<Connection> connection_;
  PerProcess<Held> held_;
};

}  // namespace cairn::vfs::azure
