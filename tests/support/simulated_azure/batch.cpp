// Blob Batch: https://learn.microsoft.com/rest/api/storageservices/blob-batch
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::size_t kLimit = 256;
constexpr std::string_view kBoundary = "batchresponse_66925647-d0cb-4109-b6d3-28efe3e1e5ed";

/// "multipart/mixed; boundary=batch_…"
std::string boundary_of(const Incoming& request) {
  const std::string type = request.header("content-type");
  const std::size_t at = type.find("boundary=");
  if (!type.starts_with("multipart/mixed") || at == type.npos) throw Refusal("InvalidHeaderValue");
  return type.substr(at + 9);
}

/// What stands between the boundaries; the last one has "--" behind it.
std::vector<std::string> parts_of(const std::string& body, const std::string& boundary) {
  std::vector<std::string> parts;
  const std::string line = "--" + boundary;
  std::size_t at = body.find(line);
  while (at != body.npos) {
    const std::size_t start = at + line.size();
    if (body.compare(start, 2, "--") == 0) return parts;
    const std::size_t next = body.find("\r\n" + line, start);
    if (next == body.npos || body.compare(start, 2, "\r\n") != 0) break;
    parts.push_back(body.substr(start + 2, next - start - 2));
    at = next + 2;
  }
  throw Refusal("InvalidInput");
}

/// "Name: value" lines up to an empty one; takes them off the text. At the end of an entry the
/// empty line may be missing: in the page's examples it belongs to the boundary.
vfs::net::Headers take_headers(std::string& text) {
  vfs::net::Headers headers;
  for (;;) {
    if (text.empty() && headers.size() > 0) return headers;
    const std::size_t end = text.find("\r\n");
    if (end == text.npos) throw Refusal("InvalidInput");
    const std::string line = text.substr(0, end);
    text.erase(0, end + 2);
    if (line.empty()) return headers;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) throw Refusal("InvalidInput");
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    headers.add(line.substr(0, colon), value == line.npos ? "" : line.substr(value));
  }
}

std::string reason_of(int status) {
  if (status == 202) return "Accepted";
  return status == 404 ? "The specified blob does not exist." : "Refused";
}

}  // namespace

/// Sub-requests are carried out one by one, each with its own authorization; the answer to the
/// whole is 202 whatever became of them.
Reply Server::batch(const Turn& turn) {
  const auto parts = parts_of(turn.request.body, boundary_of(turn.request));
  if (parts.empty()) throw Refusal("InvalidInput");
  if (parts.size() > kLimit) throw Refusal("ExceedsMaxBatchRequestCount");
  std::string body;
  in_batch_ = true;
  for (const std::string& text : parts) {
    Reply reply;
    std::string part = text;
    std::string id;
    try {
      const auto headers = take_headers(part);
      id = headers.get("content-id");
      if (headers.get("content-type") != "application/http" ||
          headers.get("content-transfer-encoding") != "binary") {
        throw Refusal("InvalidInput");
      }
      if (std::exchange(refuses_entry_, false)) throw Refusal("ServerBusy");
      reply = batched(part, turn);
    } catch (const Refusal& refusal) {
      reply = to_reply(refusal, Endpoint::blob, "sim-batch-" + id);
    }
    body += "--" + std::string(kBoundary) + "\r\nContent-Type: application/http\r\n";
    if (!id.empty()) body += "Content-ID: " + id + "\r\n";
    body += "\r\nHTTP/1.1 " + std::to_string(reply.status) + " " + reason_of(reply.status) + "\r\n";
    reply.set("x-ms-request-id", "sim-batch-" + id);
    reply.set("Content-Length", std::to_string(reply.body.size()));
    for (const auto& [name, value] : reply.headers) body += name + ": " + value + "\r\n";
    body += "\r\n" + reply.body + "\r\n";
  }
  in_batch_ = false;
  return {.status = 202,
          .headers = {{"Content-Type", "multipart/mixed; boundary=" + std::string(kBoundary)}},
          .body = body + "--" + std::string(kBoundary) + "--\r\n"};
}

/// "DELETE /container/blob HTTP/1.1" and its headers: a path without a host, no body.
Reply Server::batched(const std::string& text, const Turn& turn) {
  std::string rest = text;
  const std::size_t end = rest.find("\r\n");
  if (end == rest.npos) throw Refusal("InvalidInput");
  const auto words = split(rest.substr(0, end), ' ');
  rest.erase(0, end + 2);
  if (words.size() != 3 || words[2] != "HTTP/1.1" || !words[1].starts_with('/')) {
    throw Refusal("InvalidInput");
  }
  vfs::net::Request raw{.method = words[0], .url = "http://" + turn.request.host + words[1]};
  raw.headers = take_headers(rest);
  Incoming request;
  try {
    request = read_request(raw);
  } catch (const std::invalid_argument&) {
    throw Refusal("InvalidInput");
  }
  Address address = read_address(request, options_.account.name, options_.dfs_host);
  address.secure = turn.address.secure;
  const bool elsewhere =
      !turn.address.container.empty() && address.container != turn.address.container;
  // "Delete Blob and Set Blob Tier are the only operations"; all of one kind.
  if (request.method != "DELETE" || elsewhere || !rest.empty()) throw Refusal("InvalidInput");
  return route(request, address);
}

}  // namespace cairn::test::sim::azure
