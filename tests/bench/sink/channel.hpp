// A connection of the sink: plain, or TLS.
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
  /// The TLS cipher's name; "" for plain.
  [[nodiscard]] virtual const char* cipher() const = 0;
};

/// `tls` may be null. Null if the handshake fails.
[[nodiscard]] std::unique_ptr<Channel> make_channel(int socket, SSL_CTX* tls);

}  // namespace cairn::bench
