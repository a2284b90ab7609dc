// A FileSystem on a simulated cloud: virtual time, randomness from a seed, small parts.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tests/faults/simulated/cloud.hpp"
#include "tests/support/simulated/transport.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace cairn::test {

struct WorldOptions {
  std::uint64_t seed{1};
  int parallel{1};  ///< with 1 a run can be replayed
  int attempts{vfs::RetryPolicy{}.max_attempts};
  CloudOptions cloud{};
};

class World {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] const vfs::FileSystem& files() const { return *files_; }
  [[nodiscard]] sim::SimulatedTransport& network() { return *network_; }
  [[nodiscard]] sim::Service& service() { return *service_; }
  [[nodiscard]] const Variant& variant() const { return *variant_; }
  /// An object that is there before, with the usual checksum.
  void add(const std::string& key, std::string_view bytes);
  [[nodiscard]] std::chrono::milliseconds elapsed() const;

 private:
  const Variant* variant_;
  std::shared_ptr<VirtualClock> clock_;
  std::unique_ptr<Cloud> cloud_;
  std::shared_ptr<sim::Service> service_;
  std::shared_ptr<sim::SimulatedTransport> network_;
  std::optional<vfs::FileSystem> files_;
};

/// Letters that repeat only after a long while, so that no two pieces are alike.
[[nodiscard]] std::string text_of(std::size_t size, std::uint64_t seed);

}  // namespace cairn::test
