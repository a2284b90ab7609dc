// A FileSystem on a simulated S3: virtual time, randomness from a seed, parts of 1000 bytes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/simulated_s3/transport.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace cairn::test {

struct WorldOptions {
  std::uint64_t seed{1};
  bool rotating_credentials{false};  ///< session tokens from a container's endpoint
  int parallel{1};                   ///< with 1 a run can be replayed
  sim::ServerOptions server{};
};

inline constexpr std::size_t kPartSize = 1000;

class World {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] const vfs::FileSystem& files() const { return *files_; }
  [[nodiscard]] sim::SimulatedTransport& network() { return *network_; }
  [[nodiscard]] sim::Server& server() { return network_->server(); }
  /// An object that is there before; a checksum of that algorithm comes with it.
  void add(const std::string& key, std::string_view bytes, const std::string& algorithm = "crc32c");
  [[nodiscard]] std::optional<std::string> content(const std::string& key);
  [[nodiscard]] std::string etag(const std::string& key);  ///< empty: there is no such object
  [[nodiscard]] std::chrono::milliseconds elapsed() const;

 private:
  [[nodiscard]] vfs::Config config(const WorldOptions& options) const;
  void rotate_credentials();

  std::shared_ptr<VirtualClock> clock_;
  std::shared_ptr<sim::SimulatedTransport> network_;
  std::optional<vfs::FileSystem> files_;
  int tokens_{0};
};

/// Letters that repeat only after a long while, so that no two pieces are alike.
[[nodiscard]] std::string text_of(std::size_t size, std::uint64_t seed);

}  // namespace cairn::test
