#include "tests/support/fault_proxy.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace cairn::test {
namespace {

using Kind = Fault::Kind;

constexpr std::chrono::seconds kPatience{30};

void flip_bit(std::string& body, std::size_t at) {
  if (at < body.size()) body[at] = static_cast<char>(body[at] ^ 0x10);
}

bool has_body(const HttpMessage& request, const HttpMessage& reply) {
  return request.method() != "HEAD" && reply.status() != 204 && reply.status() != 304;
}

}  // namespace

HttpMessage error_reply(int status, const std::string& code,
                        std::vector<std::pair<std::string, std::string>> headers) {
  HttpMessage reply{.start_line = "HTTP/1.1 " + std::to_string(status) + " Fault",
                    .headers = std::move(headers),
                    .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code +
                            "</Code><Message>made by the proxy</Message></Error>"};
  reply.set_header("Content-Type", "application/xml");
  reply.set_header("Content-Length", std::to_string(reply.body.size()));
  return reply;
}

/// The connection to the real server, made anew when that has closed it.
class FaultProxy::Upstream {
 public:
  explicit Upstream(int port) : port_(port) {}
  ~Upstream() { disconnect(); }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  [[nodiscard]] std::optional<HttpMessage> exchange(const HttpMessage& request) {
    const bool fresh = socket_ < 0;
    auto reply = attempt(request);
    if (!reply && !fresh) reply = attempt(request);  // it had closed an idle connection
    return reply;
  }

 private:
  std::optional<HttpMessage> attempt(const HttpMessage& request) {
    if (socket_ < 0) socket_ = connect_to(port_);
    if (send_all(socket_, request.head()) && send_all(socket_, request.body)) {
      auto reply = read_head(socket_, buffer_);
      while (reply && reply->status() == 100) reply = read_head(socket_, buffer_);
      if (reply && (!has_body(request, *reply) || read_body(socket_, buffer_, *reply))) {
        if (lower(reply->header("connection")) == "close") disconnect();
        return reply;
      }
    }
    disconnect();
    return {};
  }
  void disconnect() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
    buffer_.clear();
  }

  int port_;
  int socket_{-1};
  std::string buffer_;
};

FaultProxy::FaultProxy(int upstream_port)
    : upstream_port_(upstream_port), server_([this](int socket, int) { serve(socket); }) {}

void FaultProxy::add(Rule rule) {
  const std::lock_guard lock(mutex_);
  rules_.push_back(std::move(rule));
}

void FaultProxy::set_chance(std::function<std::optional<Fault>(const HttpMessage&)> chance) {
  const std::lock_guard lock(mutex_);
  chance_ = std::move(chance);
}

int FaultProxy::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::vector<std::string> FaultProxy::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FaultProxy::forget_requests() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

bool FaultProxy::wait_for_fault() const {
  std::unique_lock lock(mutex_);
  return requested_.wait_for(lock, kPatience, [&] { return faults_ != 0; });
}

bool FaultProxy::wait_for_request(const std::string& part) const {
  std::unique_lock lock(mutex_);
  return requested_.wait_for(lock, kPatience, [&] {
    return std::ranges::any_of(requests_, [&](const std::string& request) {
      return request.find(part) != std::string::npos;
    });
  });
}

std::optional<Fault> FaultProxy::choose(const HttpMessage& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request.method() + " " + request.target());
  requested_.notify_all();
  for (Rule& rule : rules_) {
    if (!rule.method.empty() && rule.method != request.method()) continue;
    if (request.target().find(rule.target) == std::string::npos) continue;
    if (!rule.without.empty() && request.target().find(rule.without) != std::string::npos) continue;
    if (rule.skip-- > 0) continue;
    if (rule.times-- <= 0) continue;
    ++faults_;
    requested_.notify_all();
    return rule.fault;
  }
  auto fault = chance_ ? chance_(request) : std::nullopt;
  if (fault) ++faults_;
  return fault;
}

void FaultProxy::serve(int socket) {
  std::string buffer;
  Upstream upstream(upstream_port_);
  while (auto request = read_head(socket, buffer)) {
    const auto fault = choose(*request);
    if (!exchange(socket, buffer, *std::move(request), fault, upstream)) return;
  }
}

bool FaultProxy::exchange(int socket, std::string& buffer, HttpMessage request,
                          const std::optional<Fault>& fault, Upstream& upstream) {
  if (fault && fault->kind == Kind::refuse) {
    server_.reset(socket);
    return false;
  }
  if (fault && (fault->kind == Kind::reset_upload || fault->kind == Kind::stall_upload)) {
    while (buffer.size() < fault->at && receive_more(socket, buffer)) {
    }
    if (fault->kind == Kind::stall_upload) server_.wait_for_end(socket);
    server_.reset(socket);
    return false;
  }
  if (!read_body(socket, buffer, request)) return false;
  if (fault && fault->kind == Kind::answer) return answer(socket, request, fault->reply, {});
  if (fault && fault->kind == Kind::silent) {
    server_.wait_for_end(socket);
    return false;
  }
  if (fault && fault->kind == Kind::flip_upload) flip_bit(request.body, fault->at);
  if (fault && fault->kind == Kind::edit_request) fault->edit(request);
  auto reply = upstream.exchange(request);
  if (!reply) return false;
  return answer(socket, request, *std::move(reply), fault);
}

bool FaultProxy::answer(int socket, const HttpMessage& request, HttpMessage reply,
                        const std::optional<Fault>& fault) {
  if (fault) {
    switch (fault->kind) {
      case Kind::lose_answer:
        return false;
      case Kind::replace_answer:
        reply = fault->reply;
        break;
      case Kind::edit_answer:
        fault->edit(reply);
        break;
      case Kind::reset_after_head:
        send_all(socket, reply.head());
        server_.reset(socket);
        return false;
      case Kind::cut_head:
        send_all(socket, reply.head().substr(0, fault->at));
        return false;
      case Kind::flip_download:
        flip_bit(reply.body, fault->at);
        break;
      case Kind::cut:
      case Kind::cut_to_length:
      case Kind::cut_without_length:
      case Kind::stall:
      case Kind::trickle:
        return damage(socket, request, std::move(reply), *fault);
      default:
        break;
    }
  }
  if (!has_body(request, reply)) reply.body.clear();
  return send_all(socket, reply.head()) && send_all(socket, reply.body);
}

bool FaultProxy::damage(int socket, const HttpMessage& request, HttpMessage reply,
                        const Fault& fault) {
  if (!has_body(request, reply)) {  // nothing to cut: it ends, and its length is not of a body
    send_all(socket, reply.head());
    return false;
  }
  const std::string body = reply.body.substr(0, fault.at);
  if (fault.kind == Kind::cut_to_length) {
    reply.set_header("Content-Length", std::to_string(body.size()));
  } else if (fault.kind == Kind::cut_without_length) {
    reply.remove_header("Content-Length");
    reply.set_header("Connection", "close");
  }
  if (!send_all(socket, reply.head()) || !send_all(socket, body)) return false;
  if (fault.kind == Kind::cut_to_length) return true;
  if (fault.kind == Kind::stall) server_.wait_for_end(socket);
  if (fault.kind == Kind::trickle) drip(socket, std::string_view(reply.body).substr(body.size()));
  return false;
}

bool FaultProxy::drip(int socket, std::string_view rest) {
  for (; !rest.empty(); rest.remove_prefix(1)) {
    if (!send_all(socket, rest.substr(0, 1))) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

}  // namespace cairn::test
