#include "tests/support/tls_front.hpp"

#include <array>
#include <csignal>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cairn::test {
namespace {

/// Both directions, until one side ends.
void pump(SSL* ssl, int client, int upstream) {
  std::array<char, 65536> chunk{};
  std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{upstream, POLLIN, 0}};
  for (;;) {
    if (SSL_pending(ssl) == 0 && poll(ends.data(), ends.size(), -1) <= 0) return;
    if (SSL_pending(ssl) != 0 || ends[0].revents != 0) {
      const int count = SSL_read(ssl, chunk.data(), static_cast<int>(chunk.size()));
      if (count <= 0) return;
      const std::string_view bytes(chunk.data(), static_cast<std::size_t>(count));
      if (!send_all(upstream, bytes)) return;
    }
    if (ends[1].revents != 0) {
      const ssize_t count = recv(upstream, chunk.data(), chunk.size(), 0);
      if (count <= 0 || SSL_write(ssl, chunk.data(), static_cast<int>(count)) <= 0) return;
    }
  }
}

}  // namespace

TlsFront::TlsFront(TlsContext context, int upstream_port)
    : context_(std::move(context)),
      upstream_port_(upstream_port),
      server_([this](int socket, int) { serve(socket); }) {}

void TlsFront::serve(int socket) {
  ++connections_;
  // OpenSSL writes without MSG_NOSIGNAL, also to a client that has gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  SSL* ssl = SSL_new(context_.get());
  SSL_set_fd(ssl, socket);
  if (SSL_accept(ssl) == 1) {
    const int upstream = connect_to(upstream_port_);
    pump(ssl, socket, upstream);
    close(upstream);
  }
  SSL_free(ssl);
}

}  // namespace cairn::test
