#include "tests/bench/sink/channel.hpp"

#include <algorithm>
#include <vector>

#include <sys/socket.h>

#include "tests/support/loopback.hpp"

namespace cairn::bench {
namespace {

constexpr std::size_t kScrap = 1U << 20U;

class Plain final : public Channel {
 public:
  explicit Plain(int socket) : socket_(socket), scrap_(kScrap) {}
  bool receive(std::string& buffer) override { return test::receive_more(socket_, buffer); }
  bool send(std::string_view bytes) override { return test::send_all(socket_, bytes); }
  bool drop(std::uint64_t bytes) override {
    while (bytes != 0) {
      const ssize_t count =
          recv(socket_, scrap_.data(), std::min<std::uint64_t>(bytes, scrap_.size()), 0);
      if (count <= 0) return false;
      bytes -= static_cast<std::uint64_t>(count);
    }
    return true;
  }
  [[nodiscard]] const char* cipher() const override { return ""; }

 private:
  int socket_;
  std::vector<char> scrap_;
};

class Encrypted final : public Channel {
 public:
  explicit Encrypted(SSL* ssl) : ssl_(ssl), scrap_(kScrap) {}
  ~Encrypted() override { SSL_free(ssl_); }
  bool receive(std::string& buffer) override {
    const int count = SSL_read(ssl_, scrap_.data(), static_cast<int>(scrap_.size()));
    if (count <= 0) return false;
    buffer.append(scrap_.data(), static_cast<std::size_t>(count));
    return true;
  }
  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const int count = SSL_write(ssl_, bytes.data(),
                                  static_cast<int>(std::min<std::size_t>(bytes.size(), kScrap)));
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool drop(std::uint64_t bytes) override {
    while (bytes != 0) {
      const int count = SSL_read(ssl_, scrap_.data(),
                                 static_cast<int>(std::min<std::uint64_t>(bytes, scrap_.size())));
      if (count <= 0) return false;
      bytes -= static_cast<std::uint64_t>(count);
    }
    return true;
  }
  [[nodiscard]] const char* cipher() const override { return SSL_get_cipher_name(ssl_); }

 private:
  SSL* ssl_;
  std::vector<char> scrap_;
};

}  // namespace

std::unique_ptr<Channel> make_channel(int socket, SSL_CTX* tls) {
  if (tls == nullptr) return std::make_unique<Plain>(socket);
  SSL* ssl = SSL_new(tls);
  if (ssl == nullptr) return nullptr;
  SSL_set_fd(ssl, socket);
  if (SSL_accept(ssl) == 1) return std::make_unique<Encrypted>(ssl);
  SSL_free(ssl);
  return nullptr;
}

}  // namespace cairn::bench
