#include "tests/support/scripted_server.hpp"

#include <utility>

#include "tests/support/http_message.hpp"

namespace cairn::test {
std::string Received::header(const std::string& name) const {
  for (const auto& [field, value] : headers) {
    if (field == name) return value;
  }
  return {};
}

ScriptedServer::ScriptedServer(std::vector<Reply> script)
    : script_(std::move(script)),
      server_([this](int socket, int number) { serve(socket, number); }) {}

std::string ScriptedServer::url() const {
  return server_.url();
}

std::vector<Received> ScriptedServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void ScriptedServer::serve(int socket, int number) {
  std::string buffer;
  while (auto message = read_head(socket, buffer)) {
    if (!read_body(socket, buffer, *message)) return;
    Received request{.method = message->method(),
                     .target = message->target(),
                     .body = std::move(message->body),
                     .connection = number};
    for (auto& [name, value] : message->headers) {
      request.headers.emplace_back(lower(name), std::move(value));
    }
    const bool head = request.method == "HEAD";
    Reply reply = next(std::move(request));
    if (head) reply.cut = 0;
    if (!answer(socket, reply) || (reply.cut && !head)) return;
  }
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
  server_.wait_for_end(socket);
  return false;
}

}  // namespace cairn::test
