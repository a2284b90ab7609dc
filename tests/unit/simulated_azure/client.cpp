#include "tests/unit/simulated_azure/client.hpp"

namespace cairn::test {
namespace {

constexpr const char* kBlobHost = "http://127.0.0.1:10000/cairnsim";
constexpr const char* kDfsHost = "http://127.0.0.1:10001/cairnsim";

}  // namespace

vfs::net::Request make_request(const std::string& host, const Ask& ask) {
  vfs::net::Request request{.method = ask.method, .url = host + ask.target};
  request.headers.set("x-ms-version", "2023-11-03");
  for (const auto& [name, value] : ask.headers) request.headers.set(name, value);
  if (!ask.body.empty()) request.body.append_copy(vfs::as_bytes(ask.body));
  request.has_body = ask.method == "PUT" || ask.method == "POST" || ask.method == "PATCH";
  return request;
}

sim::Reply Client::ask(const Ask& ask) {
  return signed_at(kBlobHost, ask);
}

sim::Reply Client::ask_dfs(const Ask& ask) {
  return signed_at(kDfsHost, ask);
}

sim::Reply Client::signed_at(const std::string& host, const Ask& ask) {
  vfs::net::Request request = make_request(host, ask);
  if (!request.headers.find("x-ms-date")) request.headers.set("x-ms-date", sim::http_date(now_));
  const azure::Account& account = server_.options().account;
  request.headers.set("Authorization",
                      "SharedKey " + account.name + ":" +
                          azure::shared_key_signature(sim::read_request(request), account));
  return server_.handle(request, now_);
}

sim::Reply Client::send(const Ask& ask) {
  return server_.handle(make_request(kBlobHost, ask), now_);
}

sim::Reply Client::send_raw(const vfs::net::Request& request) {
  return server_.handle(request, now_);
}

std::string Client::put(const std::string& name, const std::string& bytes) {
  const auto reply = ask({.method = "PUT",
                          .target = "/bkt/" + name,
                          .headers = {{"x-ms-blob-type", "BlockBlob"}},
                          .body = bytes});
  return header_of(reply, "ETag");
}

std::string Client::content(const std::string& name) const {
  return server_.content(name).value_or("(there is none)");
}

std::string code_of(const sim::Reply& reply) {
  return header_of(reply, "x-ms-error-code");
}

std::string header_of(const sim::Reply& reply, std::string_view name) {
  const std::string* value = reply.find(name);
  return value == nullptr ? std::string{} : *value;
}

std::vector<std::string> elements(const std::string& xml, const std::string& name) {
  std::vector<std::string> found;
  const std::string open = "<" + name + ">";
  const std::string close = "</" + name + ">";
  for (std::size_t at = xml.find(open); at != xml.npos; at = xml.find(open, at)) {
    at += open.size();
    found.push_back(xml.substr(at, xml.find(close, at) - at));
  }
  return found;
}

}  // namespace cairn::test
