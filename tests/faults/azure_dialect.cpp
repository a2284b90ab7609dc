// https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
#include <utility>

#include "tests/conformance/refused.hpp"
#include "tests/faults/dialect.hpp"
#include "tests/support/contains.hpp"
#include "vfs/net/text.hpp"

namespace cairn::faults {
namespace {

std::string path_of(const std::string& key) {
  return "/" + vfs::net::percent_encode(key, vfs::net::Slash::keep);
}

std::string code_of_status(int status) {
  switch (status) {
    case 403:
      return "AuthorizationPermissionMismatch";
    case 409:
      return "BlobImmutableDueToPolicy";
    case 500:
      return "InternalError";
    case 503:
      return "ServerBusy";
    default:
      return {};  // of a gateway before the service
  }
}

std::string error_text(const std::string& code, const std::string& message) {
  return "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code +
         "</Code><Message>" + message + "\nRequestId:0\nTime:0</Message></Error>";
}

HttpMessage error_answer(int status, const std::string& code) {
  HttpMessage answer = answer_of(status, "application/xml", error_text(code, "made by the proxy"));
  if (!code.empty()) answer.set_header("x-ms-error-code", code);
  return answer;
}

class AzureDialect final : public Dialect {
 public:
  [[nodiscard]] std::string server_url() const override {
    return conformance::connection_part("BlobEndpoint");
  }
  [[nodiscard]] vfs::Config through(vfs::Config config,
                                    const std::string& proxy_url) const override {
    config.azure.endpoint_url = proxy_url + "/" + conformance::connection_part("AccountName");
    return config;
  }
  /// Azurite checks no CRC64, and knows no copies from URLs.
  void teach(const vfs::FileSystem& files) const override {
    files.write("taught", "");
    files.copy("taught", "taught too");
    files.remove("taught");
    files.remove("taught too");
  }

  [[nodiscard]] Step put(const std::string& key) const override {
    return {.what = "put", .method = "PUT", .target = path_of(key), .without = "comp="};
  }
  /// The names of blocks are base64, and end with their number: "000001" is "MDAwMDAx".
  [[nodiscard]] Step part(std::optional<int> index) const override {
    if (!index) return {.what = "block", .method = "PUT", .target = "comp=block&"};
    return {.what = "block", .method = "PUT", .target = std::string("MDAwMDA") + "wxyz"[*index]};
  }
  [[nodiscard]] Step commit(const std::string& key) const override {
    return {.what = "block list", .method = "PUT", .target = path_of(key) + "?comp=blocklist"};
  }
  [[nodiscard]] Step read(const std::string& key) const override {
    return {.what = "read", .method = "GET", .target = path_of(key)};
  }
  [[nodiscard]] Step stat(const std::string& key) const override {
    return {.what = "stat", .method = "HEAD", .target = path_of(key)};
  }
  [[nodiscard]] Step list() const override {
    return {.what = "list", .method = "GET", .target = "comp=list&"};
  }
  [[nodiscard]] Step remove(const std::string& key) const override {
    return {.what = "remove", .method = "DELETE", .target = path_of(key)};
  }
  [[nodiscard]] Step remove_together() const override {
    return {.what = "remove together", .method = "POST", .target = "comp=batch"};
  }
  [[nodiscard]] Step copy(const std::string&, const std::string& to) const override {
    return {.what = "copy", .method = "PUT", .target = path_of(to), .without = "comp="};
  }
  [[nodiscard]] Step any(const std::string& key) const override {
    return {.what = "any", .target = path_of(key)};
  }

  [[nodiscard]] std::vector<Step> upload_steps(const std::string& key) const override {
    Step last = part({});
    last.skip = 2;
    return {part({}), last, commit(key)};
  }
  /// Blocks that nobody commits go after a week.
  [[nodiscard]] std::vector<Step> abort_steps() const override { return {}; }
  [[nodiscard]] std::vector<Step> create_only_copy_steps(const std::string& from,
                                                         const std::string& to) const override {
    return {stat(from), copy(from, to), stat(to)};
  }
  [[nodiscard]] std::vector<Step> move_steps(const std::string& from,
                                             const std::string& to) const override {
    return {stat(from), copy(from, to), stat(to), remove(from)};
  }
  [[nodiscard]] std::optional<std::string> starts_upload(const HttpMessage&) const override {
    return {};  // there is nothing to start
  }
  [[nodiscard]] bool moves_data(const HttpMessage& request) const override {
    const std::string target = request.target();
    const bool data = request.method() == "GET" || request.method() == "PUT";
    return data && (!contains(target, "?") || contains(target, "comp=block&"));
  }
  [[nodiscard]] Fault flip_upload(std::size_t at) const override {
    return {.kind = Fault::Kind::flip_upload, .at = at};
  }

  [[nodiscard]] HttpMessage refusal(int status) const override {
    return error_answer(status, code_of_status(status));
  }
  [[nodiscard]] std::vector<HttpMessage> own_refusals() const override {
    return {error_answer(500, "OperationTimedOut")};
  }
  [[nodiscard]] HttpMessage half_a_page(const std::string& key) const override {
    return answer_of(200, "application/xml",
                     "<EnumerationResults><Blobs><Blob><Name>" + key + "</Name>");
  }
  void refuse_removal(HttpMessage& answer, const std::string&, int place) const override {
    const std::string code = code_of_status(409);
    refuse_in_batch(answer, place,
                    "HTTP/1.1 409 Conflict\r\nx-ms-error-code: " + code + "\r\n\r\n" +
                        error_text(code, "it is locked") + "\r\n");
  }
  [[nodiscard]] std::string version_header() const override { return "ETag"; }
  [[nodiscard]] bool parts_are_objects() const override { return false; }
  [[nodiscard]] std::vector<std::string> pending_uploads(const conformance::Place&) const override {
    return {};  // see abort_steps
  }
};

}  // namespace

const Dialect& azure_dialect() {
  static const AzureDialect dialect;
  return dialect;
}

}  // namespace cairn::faults
