#include "tests/support/loopback.hpp"

#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cairn::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void send_at_once(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

bool receive_more(int socket, std::string& buffer) {
  char chunk[65536];
  const ssize_t count = recv(socket, chunk, sizeof chunk, 0);
  if (count <= 0) return false;
  buffer.append(chunk, static_cast<std::size_t>(count));
  return true;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

int connect_to(int port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (made < 0 || connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (made >= 0) close(made);
    throw std::runtime_error("nobody listens at port " + std::to_string(port));
  }
  send_at_once(made);
  return made;
}

LoopbackServer::LoopbackServer(Serve serve) : serve_(std::move(serve)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    throw std::runtime_error("no port to listen at");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  ended_changed_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) close(socket);
  close(listener_);
}

void LoopbackServer::wait_for_end(int socket) {
  // The other side may give up: its end is noticed, so that the thread does not outlive it for
  // long.
  pollfd watched{.fd = socket, .events = POLLRDHUP, .revents = 0};
  std::unique_lock lock(mutex_);
  while (!ended_ && sockets_.contains(socket)) {
    ended_changed_.wait_for(lock, std::chrono::milliseconds{20});
    if (poll(&watched, 1, 0) != 0) return;
  }
}

void LoopbackServer::reset(int socket) {
  const std::lock_guard lock(mutex_);
  if (sockets_.erase(socket) == 0) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

void LoopbackServer::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    send_at_once(socket);
    const std::lock_guard lock(mutex_);
    sockets_.insert(socket);
    if (ended_) return;
    const int number = ++connections_;
    threads_.emplace_back([this, socket, number] {
      serve_(socket, number);
      const std::lock_guard end(mutex_);
      if (sockets_.contains(socket)) shutdown(socket, SHUT_RDWR);
    });
  }
}

}  // namespace cairn::test
