#include "tests/faults/dialect.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace cairn::faults {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

const Dialect& dialect() {
  const std::string url = variable("CAIRN_TEST_URL");
  if (url.starts_with("az://")) return azure_dialect();
  if (url.starts_with("gs://")) return gcs_dialect();
  if (url.starts_with("s3://")) return s3_dialect();
  throw std::runtime_error("CAIRN_TEST_URL is not of a cloud that these tests can speak: " + url);
}

HttpMessage answer_of(int status, const std::string& type, std::string body) {
  HttpMessage answer{.start_line = "HTTP/1.1 " + std::to_string(status) + " Fault"};
  answer.set_header("Content-Type", type);
  set_body(answer, std::move(body));
  return answer;
}

void set_body(HttpMessage& message, std::string body) {
  message.body = std::move(body);
  message.remove_header("Transfer-Encoding");
  message.set_header("Content-Length", std::to_string(message.body.size()));
}

void refuse_in_batch(HttpMessage& batch, int place, const std::string& answer) {
  const std::string type = batch.header("content-type");
  const std::string boundary = "--" + type.substr(type.find("boundary=") + 9);
  std::size_t begin = 0;
  for (int i = 0; i <= place; ++i) begin = batch.body.find("HTTP/1.1 ", begin + 1);
  std::string body = batch.body;
  set_body(batch, body.replace(begin, body.find(boundary, begin) - begin, answer));
}

}  // namespace cairn::faults
