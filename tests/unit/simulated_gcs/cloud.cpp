#include "tests/unit/simulated_gcs/cloud.hpp"

#include <algorithm>

#include "tests/support/rsa_key.hpp"
#include "tests/support/simulated/digests.hpp"

namespace cairn::test {

std::string base64_url(std::string_view bytes) {
  std::string text = sim::base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text.substr(0, text.find('='));
}

std::string signed_jwt(const Json& claims, const Json& header) {
  const std::string text = base64_url(header.dump()) + "." + base64_url(claims.dump());
  return text + "." + base64_url(rsa_key_pair().sign(text));
}

vfs::net::Request make_request(const std::string& method, const std::string& url,
                               const Headers& headers, std::string_view body) {
  vfs::net::Request request{.method = method, .url = url};
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  request.body.append_copy(vfs::as_bytes(body));
  return request;
}

Cloud::Cloud(sim::gcs::Options options) : server(std::move(options)) {
  server.authority().trust("token");
}

sim::Reply Cloud::send(const std::string& method, const std::string& target, Headers headers,
                       std::string_view body) {
  headers.emplace_back("Authorization", "Bearer token");
  return bare(method, target, headers, body);
}

sim::Reply Cloud::bare(const std::string& method, const std::string& target, const Headers& headers,
                       std::string_view body) {
  return server.handle(make_request(method, "http://127.0.0.1:4443" + target, headers, body), now);
}

Json Cloud::insert(const std::string& encoded_name, std::string_view bytes,
                   const std::string& more) {
  return json_of(send("POST",
                      "/upload/storage/v1/b/bkt/o?uploadType=media&name=" + encoded_name + more,
                      {{"Content-Type", "text/plain"}}, bytes));
}

Json json_of(const sim::Reply& reply) {
  return Json::parse(reply.body, nullptr, false);
}

std::string reason_of(const sim::Reply& reply) {
  const Json document = json_of(reply);
  const Json::json_pointer reason("/error/errors/0/reason");
  return document.contains(reason) ? document[reason].get<std::string>() : std::string{};
}

std::string code_of(const sim::Reply& reply) {
  const std::size_t start = reply.body.find("<Code>");
  if (start == std::string::npos) return {};
  return reply.body.substr(start + 6, reply.body.find("</Code>") - start - 6);
}

std::string header_of(const sim::Reply& reply, std::string_view name) {
  const std::string* value = reply.find(name);
  return value == nullptr ? std::string{} : *value;
}

}  // namespace cairn::test
