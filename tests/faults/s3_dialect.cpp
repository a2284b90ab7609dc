// https://docs.aws.amazon.com/AmazonS3/latest/API
#include <algorithm>
#include <utility>

#include "tests/faults/dialect.hpp"
#include "tests/support/contains.hpp"
#include "vfs/context.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::faults {
namespace {

std::string path_of(const std::string& key) {
  return "/" + vfs::net::percent_encode(key, vfs::net::Slash::keep);
}

std::string code_of_status(int status) {
  switch (status) {
    case 403:
      return "AccessDenied";
    case 408:
      return "RequestTimeout";
    case 429:
      return "TooManyRequests";
    case 500:
      return "InternalError";
    case 503:
      return "SlowDown";
    default:
      return {};  // of a gateway before the service
  }
}

class S3Dialect final : public Dialect {
 public:
  [[nodiscard]] std::string server_url() const override { return variable("AWS_ENDPOINT_URL"); }
  [[nodiscard]] vfs::Config through(vfs::Config config,
                                    const std::string& proxy_url) const override {
    config.s3.endpoint_url = proxy_url;
    return config;
  }
  void teach(const vfs::FileSystem&) const override {}

  [[nodiscard]] Step put(const std::string& key) const override {
    return {.what = "put", .method = "PUT", .target = path_of(key), .without = "uploadId="};
  }
  [[nodiscard]] Step part(std::optional<int> index) const override {
    const std::string number = index ? std::to_string(*index + 1) : "";
    return {.what = "part", .method = "PUT", .target = "partNumber=" + number};
  }
  [[nodiscard]] Step commit(const std::string&) const override {
    return {.what = "complete", .method = "POST", .target = "uploadId="};
  }
  [[nodiscard]] Step read(const std::string& key) const override {
    return {.what = "read", .method = "GET", .target = path_of(key)};
  }
  [[nodiscard]] Step stat(const std::string& key) const override {
    return {.what = "stat", .method = "HEAD", .target = path_of(key)};
  }
  [[nodiscard]] Step list() const override {
    return {.what = "list", .method = "GET", .target = "list-type=2"};
  }
  [[nodiscard]] Step remove(const std::string& key) const override {
    return {.what = "remove", .method = "DELETE", .target = path_of(key), .without = "uploadId="};
  }
  [[nodiscard]] Step remove_together() const override {
    return {.what = "remove together", .method = "POST", .target = "?delete"};
  }
  [[nodiscard]] Step copy(const std::string&, const std::string& to) const override {
    return {.what = "copy", .method = "PUT", .target = path_of(to), .without = "uploadId="};
  }
  [[nodiscard]] Step any(const std::string& key) const override {
    return {.what = "any", .target = path_of(key)};
  }

  [[nodiscard]] std::vector<Step> upload_steps(const std::string& key) const override {
    return {start(),
            {.what = "first part", .method = "PUT", .target = "partNumber="},
            {.what = "last part", .method = "PUT", .target = "partNumber=", .skip = 2},
            commit(key)};
  }
  [[nodiscard]] std::vector<Step> abort_steps() const override {
    return {{.what = "abort", .method = "DELETE", .target = "uploadId="}};
  }
  /// CopyObject knows no conditions of its target on these servers.
  [[nodiscard]] std::vector<Step> create_only_copy_steps(const std::string&,
                                                         const std::string& to) const override {
    return {start(), part({}), commit(to)};
  }
  [[nodiscard]] std::vector<Step> move_steps(const std::string& from,
                                             const std::string& to) const override {
    return {{.what = "head", .method = "HEAD", .target = "/"}, copy(from, to), remove(from)};
  }
  [[nodiscard]] std::optional<std::string> starts_upload(
      const HttpMessage& request) const override {
    const std::string target = request.target();
    if (!target.ends_with("?uploads=")) return {};
    const std::size_t begin = target.find('/', 1) + 1;  // "/bucket/key?uploads="
    return target.substr(begin, target.find('?') - begin);
  }
  [[nodiscard]] bool moves_data(const HttpMessage& request) const override {
    const std::string target = request.target();
    const bool data = request.method() == "GET" || request.method() == "PUT";
    return data && (!contains(target, "?") || contains(target, "partNumber="));
  }
  [[nodiscard]] Fault flip_upload(std::size_t at) const override {
    return {.kind = Fault::Kind::flip_upload, .at = at};
  }

  [[nodiscard]] HttpMessage refusal(int status) const override {
    return test::error_reply(status, code_of_status(status));
  }
  [[nodiscard]] std::vector<HttpMessage> own_refusals() const override {
    return {test::error_reply(400, "RequestTimeout")};
  }
  [[nodiscard]] HttpMessage half_a_page(const std::string& key) const override {
    return answer_of(200, "application/xml", "<ListBucketResult><Contents><Key>" + key);
  }
  void refuse_removal(HttpMessage& answer, const std::string& key, int) const override {
    set_body(answer, "<DeleteResult><Error><Key>" + key +
                         "</Key><Code>AccessDenied</Code><Message>it is locked</Message></Error>"
                         "</DeleteResult>");
  }
  [[nodiscard]] std::string version_header() const override { return "ETag"; }

  [[nodiscard]] bool parts_are_objects() const override { return false; }
  [[nodiscard]] std::vector<std::string> pending_uploads(
      const conformance::Place& place) const override;

 private:
  [[nodiscard]] static Step start() {
    return {.what = "start", .method = "POST", .target = "?uploads", .names_upload = true};
  }
};

std::vector<std::string> S3Dialect::pending_uploads(const conformance::Place& place) const {
  const vfs::Url url = vfs::Url::parse(place.url);
  vfs::s3::Connection connection("s3", url.authority(), place.files.context().services());
  const auto response = connection.require(
      {.operation = "list_uploads", .target = vfs::s3::target({}, {{"uploads", ""}})}, {});
  std::vector<std::string> keys;
  for (std::size_t at = 0; (at = response.body.find("<Upload>", at)) != std::string::npos; ++at) {
    const std::size_t begin = response.body.find("<Key>", at) + 5;
    std::string key = response.body.substr(begin, response.body.find('<', begin) - begin);
    if (key.starts_with(url.path().string())) keys.push_back(std::move(key));
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace

const Dialect& s3_dialect() {
  static const S3Dialect dialect;
  return dialect;
}

}  // namespace cairn::faults
