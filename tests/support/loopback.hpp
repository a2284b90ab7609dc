// A TCP server on a free port of 127.0.0.1, for tests: one thread per connection, and an end that
// waits for all of them.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cairn::test {

/// Reads more into the buffer; false at the end.
bool receive_more(int socket, std::string& buffer);
bool send_all(int socket, std::string_view text);
/// A new connection to a port of 127.0.0.1. Throws std::runtime_error.
[[nodiscard]] int connect_to(int port);

class LoopbackServer {
 public:
  /// `serve` speaks on a connection until it returns; the first connection has number 1.
  using Serve = std::function<void(int socket, int number)>;
  explicit LoopbackServer(Serve serve);
  ~LoopbackServer();  ///< breaks all connections
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Ends with the destructor, or with this connection. Call from `serve`.
  void wait_for_end(int socket);
  /// Ends a connection with a TCP reset, not with a FIN.
  void reset(int socket);

 private:
  void accept_all();

  Serve serve_;
  int listener_{-1};
  int port_{0};
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_{false};  // guarded by mutex_, as are the next three
  std::set<int> sockets_;
  int connections_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace cairn::test
