// An HTTP server on a free port of 127.0.0.1 that answers by script: also with what no real server
// would do on demand.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/loopback.hpp"

namespace cairn::test {

/// One answer. Content-Length is sent unless the headers hold one.
struct Reply {
  int status{200};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<std::size_t> cut{};  ///< the connection breaks after so many bytes of the body
  bool drop{false};                  ///< the connection breaks instead of an answer
  bool silent{false};                ///< nothing at all is sent, until the server ends
  bool stall{false};                 ///< after what is sent, nothing, until the server ends
};

struct Received {
  std::string method{};
  std::string target{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
  std::string body{};
  int connection{0};  ///< the first is 1

  [[nodiscard]] std::string header(const std::string& name) const;  ///< empty if absent
};

/// Answers the requests in the order in which they come; past the end of the script with 599.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Reply> script);

  [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:12345"
  [[nodiscard]] std::vector<Received> received() const;

 private:
  void serve(int socket, int number);
  [[nodiscard]] Reply next(Received request);
  [[nodiscard]] bool answer(int socket, const Reply& reply);

  mutable std::mutex mutex_;
  std::vector<Reply> script_;       // guarded by mutex_
  std::vector<Received> received_;  // guarded by mutex_
  LoopbackServer server_;           // ends first
};

}  // namespace cairn::test
