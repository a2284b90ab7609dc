// A connection of the sink: plain, or TLS with a certificate made on the spot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace cairn::bench {

class Channel {
 public:
  virtual ~Channel() = default;
  /// Appends what comes next. False at the end.
  virtual bool receive(std::string& buffer) = 0;
  virtual bool send(std::string_view bytes) = 0;
  /// Receives so many bytes and forgets them.
  virtual bool drop(std::uint64_t bytes) = 0;
};

struct TlsFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using Tls = std::unique_ptr<SSL_CTX, TlsFree>;

/// With a fresh key and a certificate for 127.0.0.1, which is written to `path` for the client to
/// trust.
[[nodiscard]] Tls make_tls(const std::string& path);
/// `tls` may be null. Null if the handshake fails.
[[nodiscard]] std::unique_ptr<Channel> make_channel(int socket, SSL_CTX* tls);

}  // namespace cairn::bench
