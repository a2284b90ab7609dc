// What file systems share: configuration, connections, threads, memory. And the way from a URL to a file.
#pragma once

#include <memory>
#include <string_view>

#include "vfs/config.hpp"
#include "vfs/registry.hpp"

namespace cairn::vfs {

class FileSystem;
struct Location;
struct Services;

/// Thread-safe. Needs no init and no shutdown, may live in static storage, and works in the child after fork().
class CAIRN_API Context : public std::enable_shared_from_this<Context> {
 public:
  [[nodiscard]] static std::shared_ptr<Context> make(Config config = {}, Registry registry = Registry::builtin());
  /// The process's own, made on first use with the default configuration and never destroyed. For programs that need one only.
  [[nodiscard]] static const std::shared_ptr<Context>& standard();

  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// The file system of the URL and the path in it. The same bucket gives the same store. Throws Error(invalid_argument) for a
  /// bad URL or an unknown scheme; does no I/O on the network.
  [[nodiscard]] Location resolve(std::string_view url);
  [[nodiscard]] Location resolve(const Url& url);

  [[nodiscard]] const Config& config() const noexcept;
  /// Threads, transport and clock, for stores and transfers (vfs/base/services.hpp).
  [[nodiscard]] Services& services() noexcept;

 private:
  struct State;
  explicit Context(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cairn::vfs
