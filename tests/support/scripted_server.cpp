#include "tests/support/scripted_server.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cairn::test {
namespace {

/// Reads more into the buffer; false at the end.
bool receive_more(int socket, std::string& buffer) {
  char chunk[65536];
  const ssize_t count = recv(socket, chunk, sizeof chunk, 0);
  if (count <= 0) return false;
  buffer.append(chunk, static_cast<std::size_t>(count));
  return true;
}

bool send_all(int socket, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Received parse_head(const std::string& head) {
  Received request;
  std::size_t end = head.find("\r\n");
  const std::string line = head.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  while (end + 2 < head.size()) {
    const std::size_t begin = end + 2;
    end = head.find("\r\n", begin);
    const std::string field = head.substr(begin, end - begin);
    const std::size_t colon = field.find(':');
    if (colon == std::string::npos) break;
    const std::size_t value = field.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(lower(field.substr(0, colon)),
                                 value == std::string::npos ? "" : field.substr(value));
  }
  return request;
}

}  // namespace

std::string Received::header(const std::string& name) const {
  for (const auto& [field, value] : headers) {
    if (field == name) return value;
  }
  return {};
}

ScriptedServer::ScriptedServer(std::vector<Reply> script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    throw std::runtime_error("no port to listen at");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
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

std::string ScriptedServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<Received> ScriptedServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    if (ended_) return;
    const int number = static_cast<int>(sockets_.size());
    threads_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void ScriptedServer::serve(int socket, int number) {
  std::string buffer;
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more(socket, buffer)) return;
    }
    Received request = parse_head(buffer.substr(0, end + 2));
    request.connection = number;
    buffer.erase(0, end + 4);
    const std::string length = request.header("content-length");
    const std::size_t size = length.empty() ? 0 : std::stoull(length);
    while (buffer.size() < size) {
      if (!receive_more(socket, buffer)) return;
    }
    request.body = buffer.substr(0, size);
    buffer.erase(0, size);
    const bool head = request.method == "HEAD";
    Reply reply = next(std::move(request));
    if (head) reply.cut = 0;
    if (!answer(socket, reply) || (reply.cut && !head)) break;
  }
  shutdown(socket, SHUT_RDWR);
}

Reply ScriptedServer::next(Received request) {
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(request));
  const std::size_t index = received_.size() - 1;
  return index < script_.size() ? script_[index] : Reply{.status = 599};
}

bool ScriptedServer::answer(int socket, const Reply& reply) {
  if (reply.drop) return false;
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  bool has_length = reply.status == 204;
  for (const auto& [name, value] : reply.headers) {
    text += name + ": " + value + "\r\n";
    has_length |= lower(name) == "content-length" || lower(name) == "transfer-encoding";
  }
  if (!has_length) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  text += "\r\n" + reply.body.substr(0, reply.cut.value_or(reply.body.size()));
  if (reply.silent) text.clear();
  if (!send_all(socket, text)) return false;
  if (!reply.stall && !reply.silent) return true;
  std::unique_lock lock(mutex_);
  ended_changed_.wait(lock, [this] { return ended_; });
  return false;
}

}  // namespace cairn::test
