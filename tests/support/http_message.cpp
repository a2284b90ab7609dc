#include "tests/support/http_message.hpp"

#include <algorithm>
#include <cctype>

#include "tests/support/loopback.hpp"

namespace cairn::test {
namespace {

bool fill(int socket, std::string& buffer, std::size_t size) {
  while (buffer.size() < size) {
    if (!receive_more(socket, buffer)) return false;
  }
  return true;
}

bool read_chunks(int socket, std::string& buffer, std::string& body) {
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n")) == std::string::npos) {
      if (!receive_more(socket, buffer)) return false;
    }
    const std::size_t size = std::stoull(buffer.substr(0, end), nullptr, 16);
    if (!fill(socket, buffer, end + 2 + size + 2)) return false;
    body.append(buffer, end + 2, size);
    buffer.erase(0, end + 2 + size + 2);
    if (size == 0) return true;
  }
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::string HttpMessage::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (lower(field) == lower(name)) return value;
  }
  return {};
}

void HttpMessage::set_header(std::string_view name, std::string value) {
  remove_header(name);
  headers.emplace_back(name, std::move(value));
}

void HttpMessage::remove_header(std::string_view name) {
  std::erase_if(headers, [&](const auto& field) { return lower(field.first) == lower(name); });
}

std::string HttpMessage::method() const {
  return start_line.substr(0, start_line.find(' '));
}

std::string HttpMessage::target() const {
  const std::size_t first = start_line.find(' ') + 1;
  return start_line.substr(first, start_line.rfind(' ') - first);
}

int HttpMessage::status() const {
  return std::stoi(start_line.substr(start_line.find(' ') + 1, 3));
}

std::string HttpMessage::head() const {
  std::string text = start_line + "\r\n";
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value) += "\r\n";
  return text += "\r\n";
}

std::optional<HttpMessage> read_head(int socket, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(socket, buffer)) return {};
  }
  const std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  HttpMessage message;
  std::size_t line_end = head.find("\r\n");
  message.start_line = head.substr(0, line_end);
  while (line_end + 2 < head.size()) {
    const std::size_t begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, line_end - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    message.headers.emplace_back(line.substr(0, colon),
                                 value == std::string::npos ? "" : line.substr(value));
  }
  return message;
}

bool read_body(int socket, std::string& buffer, HttpMessage& message) {
  if (lower(message.header("transfer-encoding")) == "chunked") {
    if (!read_chunks(socket, buffer, message.body)) return false;
    message.remove_header("transfer-encoding");
    message.set_header("Content-Length", std::to_string(message.body.size()));
    return true;
  }
  const std::string length = message.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoull(length);
  const bool whole = fill(socket, buffer, size);
  message.body = buffer.substr(0, size);
  buffer.erase(0, message.body.size());
  return whole;
}

}  // namespace cairn::test
