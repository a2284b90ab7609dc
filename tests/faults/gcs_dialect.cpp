// https://cloud.google.com/storage/docs/json_api/v1, and uploads whose parts are objects of their
// own: what servers other than Google's are spoken to.
#include <algorithm>
#include <utility>

#include "tests/faults/dialect.hpp"
#include "tests/support/contains.hpp"
#include "vfs/context.hpp"
#include "vfs/gcs/connection.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/net/text.hpp"

namespace cairn::faults {
namespace {

constexpr const char* kPartFolder = ".cairn-upload-";

std::string encoded(const std::string& key) {
  return vfs::net::percent_encode(key);
}

std::string reason_of(int status) {
  switch (status) {
    case 403:
      return "retentionPolicyNotMet";
    case 429:
      return "rateLimitExceeded";
    case 500:
      return "internalError";
    default:
      return "backendError";
  }
}

std::string error_text(int status, const std::string& message) {
  const std::string reason = reason_of(status);
  return R"({"error":{"code":)" + std::to_string(status) + R"(,"message":")" + message +
         R"(","errors":[{"domain":"global","reason":")" + reason + R"(","message":")" + message +
         R"("}]}})";
}

class GcsDialect final : public Dialect {
 public:
  [[nodiscard]] std::string server_url() const override {
    return variable("STORAGE_EMULATOR_HOST");
  }
  [[nodiscard]] vfs::Config through(vfs::Config config,
                                    const std::string& proxy_url) const override {
    config.gcs.endpoint_url = proxy_url;
    config.gcs.anonymous = true;  // as with STORAGE_EMULATOR_HOST
    return config;
  }
  /// An emulator does not know moves.
  void teach(const vfs::FileSystem& files) const override {
    files.write("taught", "");
    files.move("taught", "taught too");
    files.remove("taught too");
  }

  [[nodiscard]] Step put(const std::string& key) const override {
    return {.what = "put", .method = "POST", .target = "uploadType=multipart&name=" + encoded(key)};
  }
  [[nodiscard]] Step part(std::optional<int> index) const override {
    const std::string number = index ? "%2F0000" + std::to_string(*index) : kPartFolder;
    return {.what = "part", .method = "POST", .target = number, .without = "/compose"};
  }
  [[nodiscard]] Step commit(const std::string& key) const override {
    return {.what = "compose", .method = "POST", .target = encoded(key) + "/compose"};
  }
  [[nodiscard]] Step read(const std::string& key) const override {
    return {.what = "read", .method = "GET", .target = encoded(key) + "?alt=media"};
  }
  [[nodiscard]] Step stat(const std::string& key) const override {
    return {.what = "stat", .method = "GET", .target = encoded(key) + "?fields="};
  }
  [[nodiscard]] Step list() const override {
    return {.what = "list", .method = "GET", .target = "maxResults="};
  }
  [[nodiscard]] Step remove(const std::string& key) const override {
    return {.what = "remove", .method = "DELETE", .target = encoded(key)};
  }
  [[nodiscard]] Step remove_together() const override {
    return {.what = "remove together", .method = "POST", .target = "/batch/"};
  }
  [[nodiscard]] Step copy(const std::string& from, const std::string&) const override {
    return {.what = "rewrite", .method = "POST", .target = encoded(from) + "/rewriteTo/"};
  }
  [[nodiscard]] Step any(const std::string& key) const override {
    return {.what = "any", .target = encoded(key)};
  }

  [[nodiscard]] std::vector<Step> upload_steps(const std::string& key) const override {
    Step last = part({});
    last.skip = 2;
    Step removal = remove_together();
    removal.after_commit = true;
    return {part({}), last, commit(key), removal};
  }
  [[nodiscard]] std::vector<Step> abort_steps() const override {
    return {remove_together(), {.what = "remove", .method = "DELETE", .target = kPartFolder}};
  }
  [[nodiscard]] std::vector<Step> create_only_copy_steps(const std::string& from,
                                                         const std::string& to) const override {
    return {stat(from), copy(from, to)};
  }
  [[nodiscard]] std::vector<Step> move_steps(const std::string& from,
                                             const std::string& to) const override {
    return {stat(from), copy(from, to), remove(from)};
  }
  [[nodiscard]] std::optional<std::string> starts_upload(const HttpMessage&) const override {
    return {};  // its name is of our own making
  }
  [[nodiscard]] bool moves_data(const HttpMessage& request) const override {
    return contains(request.target(), "alt=media") ||
           contains(request.target(), "uploadType=multipart");
  }
  [[nodiscard]] Fault flip_upload(std::size_t at) const override;

  [[nodiscard]] HttpMessage refusal(int status) const override {
    return answer_of(status, "application/json", error_text(status, "made by the proxy"));
  }
  [[nodiscard]] std::vector<HttpMessage> own_refusals() const override { return {}; }
  [[nodiscard]] HttpMessage half_a_page(const std::string& key) const override {
    return answer_of(200, "application/json",
                     R"({"kind":"storage#objects","items":[{"name":")" + key);
  }
  void refuse_removal(HttpMessage& answer, const std::string&, int place) const override {
    refuse_in_batch(answer, place,
                    "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n\r\n" +
                        error_text(403, "it is locked") + "\r\n");
  }
  [[nodiscard]] std::string version_header() const override { return "X-Goog-Generation"; }
  [[nodiscard]] bool parts_are_objects() const override { return true; }
  [[nodiscard]] std::vector<std::string> pending_uploads(
      const conformance::Place& place) const override;
};

/// The body is a JSON document, which has no checksum, and then the object: multipart/related.
Fault GcsDialect::flip_upload(std::size_t at) const {
  const auto flip = [at](HttpMessage& request) {
    constexpr std::string_view kEndOfHead = "\r\n\r\n";
    const std::size_t document = request.body.find(kEndOfHead);
    const std::size_t head = request.body.find(kEndOfHead, document + kEndOfHead.size());
    const std::size_t begin = head + kEndOfHead.size();
    const std::size_t end = request.body.rfind("\r\n--");
    if (head == std::string::npos || begin + at >= end) return;
    request.body[begin + at] = static_cast<char>(request.body[begin + at] ^ 0x10);
  };
  return {.kind = Fault::Kind::edit_request, .edit = flip};
}

/// What lies in folders of parts, by a listing of our own: the store's leaves it out.
std::vector<std::string> GcsDialect::pending_uploads(const conformance::Place& place) const {
  const vfs::Url url = vfs::Url::parse(place.url);
  vfs::gcs::Connection connection("gs", url.authority(), place.files.context().services());
  const auto response =
      connection.require({.operation = "list",
                          .target = vfs::gcs::list_target(url.authority(), url.path(),
                                                          {.recursive = true, .page_size = 1000})},
                         {});
  std::vector<std::string> keys;
  const std::string name = R"("name":")";
  for (std::size_t at = 0; (at = response.body.find(name, at)) != std::string::npos; ++at) {
    const std::size_t begin = at + name.size();
    std::string key = response.body.substr(begin, response.body.find('"', begin) - begin);
    if (contains(key, kPartFolder)) keys.push_back(std::move(key));
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace

const Dialect& gcs_dialect() {
  static const GcsDialect dialect;
  return dialect;
}

}  // namespace cairn::faults
