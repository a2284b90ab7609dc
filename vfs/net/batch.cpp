#include "vfs/net/batch.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

/// Cuts off the first line, with its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Up to and with the empty line.
Headers take_headers(std::string_view& text) {
  Headers headers;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.add(line.substr(0, colon), trim(line.substr(std::min(colon + 1, line.size()))));
  }
  return headers;
}

/// "7", "<7>", "response-7", "<response-7>", "<response-batch+7>"
std::optional<std::size_t> parse_id(std::string_view text) {
  while (text.ends_with('>')) text.remove_suffix(1);
  const std::size_t digits = text.find_last_not_of("0123456789");
  const auto number = parse_number(text.substr(digits == text.npos ? 0 : digits + 1));
  return number ? std::optional<std::size_t>(*number) : std::nullopt;
}

BatchAnswer parse_part(std::string_view text) {
  BatchAnswer answer;
  const Headers outer = take_headers(text);
  answer.id = parse_id(outer.get("content-id"));
  const std::string_view status_line = take_line(text);  // "HTTP/1.1 204 No Content"
  const std::size_t space = std::min(status_line.find(' '), status_line.size());
  const auto status = parse_number(trim(status_line.substr(space)).substr(0, 3));
  answer.status = status && status_line.starts_with("HTTP/") ? static_cast<int>(*status) : 0;
  answer.headers = take_headers(text);
  const std::size_t end = text.find_last_not_of("\r\n");
  answer.body = text.substr(0, end == text.npos ? 0 : end + 1);
  return answer;
}

std::string_view boundary_of(std::string_view type) {
  constexpr std::string_view kBoundary = "boundary=";
  const std::size_t at = type.find(kBoundary);
  if (!type.starts_with("multipart/mixed") || at == type.npos) return {};
  std::string_view boundary = type.substr(at + kBoundary.size());
  boundary = trim(boundary.substr(0, boundary.find(';')));
  if (boundary.size() > 1 && boundary.starts_with('"') && boundary.ends_with('"')) {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  return boundary;
}

}  // namespace

Request batch_request(std::span<const Request> requests, const BatchForm& form) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Request& request = requests[i];
    const std::size_t scheme = request.url.find("://");
    const std::size_t path = request.url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    const std::string id = form.bracketed_ids ? fmt::format("<{}>", i) : std::to_string(i);
    fmt::format_to(out,
                   "--{}\r\nContent-Type: application/http\r\n"
                   "Content-Transfer-Encoding: binary\r\nContent-ID: {}\r\n\r\n{} {} HTTP/1.1\r\n",
                   form.boundary, id, request.method, request.url.substr(path));
    for (const auto& [name, value] : request.headers) {
      fmt::format_to(out, "{}: {}\r\n", name, value);
    }
    text += form.empty_line ? "Content-Length: 0\r\n\r\n\r\n" : "Content-Length: 0\r\n\r\n";
  }
  fmt::format_to(out, "--{}--\r\n", form.boundary);
  Request request{.method = "POST", .has_body = true};
  const auto owned = std::make_shared<const std::string>(std::move(text));
  request.headers.set("content-type", fmt::format("multipart/mixed; boundary={}", form.boundary));
  request.body.append(as_bytes(*owned), owned);
  return request;
}

std::optional<std::vector<BatchAnswer>> parse_batch(const Response& response) {
  const std::string_view boundary = boundary_of(response.headers.get("content-type"));
  if (boundary.empty()) return {};
  const std::string delimiter = fmt::format("--{}", boundary);
  std::vector<BatchAnswer> answers;
  std::string_view body = response.body;
  std::size_t start = body.find(delimiter);
  while (start != body.npos) {
    body.remove_prefix(start + delimiter.size());
    if (body.starts_with("--")) return answers;
    static_cast<void>(take_line(body));
    start = body.find(delimiter);
    if (start == body.npos) return {};  // it was cut short
    answers.push_back(parse_part(body.substr(0, start)));
  }
  return {};
}

std::vector<BatchAnswer> in_order(std::vector<BatchAnswer> answers, std::size_t requests) {
  std::vector<BatchAnswer> result(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::size_t place = answers[i].id.value_or(i);
    if (place < requests && result[place].status == 0) result[place] = std::move(answers[i]);
  }
  return result;
}

}  // namespace cairn::vfs::net
