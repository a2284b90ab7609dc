// TLS in front of a plain test server on this machine.
#pragma once

#include <atomic>
#include <string>

#include "tests/support/certificates.hpp"
#include "tests/support/loopback.hpp"

namespace cairn::test {

/// Passes decrypted bytes on to a port, and its answers back. When that side ends a connection,
/// this one ends without TLS's own goodbye: what was sent before then looks cut off.
class TlsFront {
 public:
  TlsFront(TlsContext context, int upstream_port);

  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(server_.port());
  }
  [[nodiscard]] int port() const { return server_.port(); }
  [[nodiscard]] int connections() const {
    return connections_;
  }  ///< also those without a handshake

 private:
  void serve(int socket);

  TlsContext context_;
  const int upstream_port_;
  std::atomic<int> connections_{0};
  LoopbackServer server_;  // ends first
};

}  // namespace cairn::test
