#include "tests/support/simulated_gcs/batch.hpp"

#include <algorithm>
#include <utility>

#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::size_t kMostCalls = 100;
constexpr std::size_t kMostBytes = 10'000'000;
constexpr std::string_view kBoundary = "batch_simulated";

/// The outer headers count for each call, but for those that begin with "Content-"; the path is
/// all that stands in the request line.
vfs::net::Request read_call(State& state, const Call& call, const BodyPart& part) {
  std::string_view text = part.body;
  const std::size_t end = text.find("\r\n");
  if (end == text.npos) violate(state, "a batch with a part that is no HTTP request");
  const std::vector<std::string> line = split(text.substr(0, end), ' ');
  text.remove_prefix(end + 2);
  const auto headers = take_headers(text);
  const bool is_call = line.size() == 3 && line[1].starts_with("/storage/v1/") && headers &&
                       line[1].find("alt=media") == std::string::npos;
  if (!is_call) violate(state, "a batch with a part that is no call without content");
  vfs::net::Request request{.method = line[0], .url = call.origin + line[1]};
  for (const auto& [name, value] : call.http.headers) {
    if (!name.starts_with("content-") && !headers->contains(name)) request.headers.add(name, value);
  }
  for (const auto& [name, value] : *headers) request.headers.add(name, value);
  request.body.append_copy(vfs::as_bytes(text));
  return request;
}

std::string write_answer(const BodyPart& part, const Reply& reply) {
  std::string text = "--" + std::string(kBoundary) + "\r\nContent-Type: application/http\r\n";
  const auto id = part.headers.find("content-id");
  if (id != part.headers.end()) {
    // "<b29c+1>" is answered as "<response-b29c+1>".
    const std::string_view inner = std::string_view(id->second);
    text += "Content-ID: <response-" + std::string(inner.substr(inner.starts_with('<') ? 1 : 0)) +
            (inner.ends_with('>') ? "" : ">") + "\r\n";
  }
  text += "\r\nHTTP/1.1 " + std::to_string(reply.status) + " " +
          (reply.status < 300 ? "OK" : "Error") + "\r\n";
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  return text + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body +
         "\r\n";
}

}  // namespace

Reply run_batch(State& state, const Call& call, const Answer& answer) {
  const std::string type = call.http.header("content-type");
  const auto parts = read_parts(type, call.http.body);
  if (!type.starts_with("multipart/mixed;") || !parts || parts->empty()) {
    violate(state, "a batch that is no multipart/mixed");
  }
  if (parts->size() > kMostCalls || call.http.body.size() >= kMostBytes) {
    violate(state, "a batch of " + std::to_string(parts->size()) + " calls");
  }
  const bool all_http = std::ranges::all_of(*parts, [](const BodyPart& part) {
    const auto found = part.headers.find("content-type");
    return found != part.headers.end() && found->second == "application/http";
  });
  if (!all_http) violate(state, "a batch with a part that is no application/http");
  std::string body;
  for (const BodyPart& part : *parts) {
    const vfs::net::Request inner = read_call(state, call, part);
    const bool refused = std::exchange(state.refuses_entry, false);
    body += write_answer(part, refused ? json_error(backend_error(503)) : answer(inner));
  }
  const std::string boundary(kBoundary);
  return {.headers = {{"Content-Type", "multipart/mixed; boundary=" + boundary}},
          .body = body + "--" + boundary + "--\r\n"};
}

}  // namespace cairn::test::sim::gcs
