#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/container.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::azure;
using test::Answer;
using test::code_of;
using test::error_of;

Answer source(std::string size = "9") {
  return head({{"Content-Type", "text/plain"},
               {"x-ms-meta-run", "7"},
               {"x-ms-meta-cairn_crc64", "ae8b14860a799888-9"}},
              std::move(size));
}

/// A service without Put Blob From URL, whose copies go on for as many questions as there are
/// states.
class AsyncService {
 public:
  explicit AsyncService(std::vector<std::string> states) : states_(std::move(states)) {}

  Answer operator()(const net::Request& request) {
    const bool target = request.url.find("/to") != std::string::npos;
    if (request.method == "HEAD") return target ? state() : source();
    if (request.method == "DELETE") return {.status = 202, .headers = {{"x-ms-request-id", "r"}}};
    if (request.headers.find("x-ms-blob-type")) return error(501, "APINotImplemented");
    if (request.headers.get("x-ms-copy-action") == "abort") {
      states_ = {"aborted"};
      return {.status = 204, .headers = {{"ETag", "\"0x3\""}, {"x-ms-request-id", "r"}}};
    }
    if (request.url.ends_with("comp=properties")) return done();
    token_ = request.headers.get("x-ms-meta-cairn_op");
    return {.status = 202,
            .headers = {{"ETag", "\"0x2\""}, {"x-ms-copy-id", "id"}, {"x-ms-request-id", "r"}}};
  }

 private:
  Answer state() {
    const std::string status = states_.front();
    if (states_.size() > 1) states_.erase(states_.begin());
    return head({{"x-ms-meta-cairn_op", token_},
                 {"x-ms-copy-id", "id"},
                 {"x-ms-copy-status", status},
                 {"x-ms-copy-status-description", "because of it"}},
                status == "aborted" || status == "failed" ? "0" : "9");
  }

  std::vector<std::string> states_;
  std::string token_;
};

bool sent(const Container& c, const std::string& line) {
  for (std::size_t i = 0; i < c.count(); ++i) {
    if (c.line(i) == line) return true;
  }
  return false;
}

TEST_CASE("a copy is made by the service, of one version of the source", "[azure][copy]") {
  Container c({source(), done()});

  const WriteResult result = c.store->copy("a b", "to", {});

  CHECK(result.size == 9);
  CHECK(result.etag == "\"0x2\"");
  CHECK(c.line(0) == "HEAD /a%20b");
  CHECK(c.line(1) == "PUT /to");
  const auto request = c.request(1);
  CHECK(request.headers.get("x-ms-blob-type") == "BlockBlob");
  CHECK(contains(request.headers.get("x-ms-copy-source"), std::string(kRoot) + "/a%20b?"));
  CHECK(contains(request.headers.get("x-ms-copy-source"), "sig="));  // the key may read it
  CHECK(request.headers.get("x-ms-source-if-match") == "\"0x1\"");
  CHECK(request.headers.get("x-ms-blob-content-type") == "text/plain");
  CHECK(request.headers.get("x-ms-meta-run") == "7");
  CHECK(request.headers.get("x-ms-meta-cairn_crc64") == "ae8b14860a799888-9");
  CHECK(request.headers.find("x-ms-meta-cairn_op"));
}

TEST_CASE("a token reads the source of a copy, too", "[azure][copy]") {
  Container c({source(), done()}, {.azure = {.account = "acct", .token = "eyJ0"}});

  c.store->copy("from", "to", {});

  CHECK(c.request(1).headers.get("x-ms-copy-source-authorization") == "Bearer eyJ0");
  CHECK(c.request(1).headers.get("x-ms-copy-source") == std::string(kRoot) + "/from");
}

TEST_CASE("a SAS reads the source of a copy, too", "[azure][copy]") {
  Container c({source(), done()}, {.azure = {.account = "acct", .sas_token = "sv=1&sig=s"}});

  c.store->copy("from", "to", {});

  CHECK(c.request(1).headers.get("x-ms-copy-source") == std::string(kRoot) + "/from?sv=1&sig=s");
}

TEST_CASE("a copy that shall create does not replace", "[azure][copy]") {
  Container c({source(), error(409, "BlobAlreadyExists")});

  CHECK(code_of([&] { c.store->copy("from", "to", {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(c.request(1).headers.get("if-none-match") == "*");
}

TEST_CASE("a copy whose answer was lost knows its blob again", "[azure][copy]") {
  std::string token;
  Container c([&](const net::Request& request) -> Answer {
    if (request.method == "HEAD" && !request.url.ends_with("/to")) return source();
    if (request.method == "HEAD") return head({{"x-ms-meta-cairn_op", token}});
    if (!token.empty()) return error(409, "BlobAlreadyExists");
    token = request.headers.get("x-ms-meta-cairn_op");
    return lost();
  });

  CHECK(c.store->copy("from", "to", {.if_absent = true}).etag == "\"0x1\"");
}

TEST_CASE("a large copy goes block by block", "[azure][copy]") {
  Container c([](const net::Request& request) {
    return request.method == "HEAD" ? source("1073741824") : done();  // 1 GiB
  });

  const WriteResult result = c.store->copy("from", "to", {});

  CHECK(result.size == 1073741824);
  std::size_t blocks = 0;
  for (const net::Request& request : c.transport->requests()) {
    if (request.url.find("comp=block&") == std::string::npos) continue;
    ++blocks;
    CHECK(request.headers.get("x-ms-source-if-match") == "\"0x1\"");
    CHECK(request.headers.get("x-ms-source-range").starts_with("bytes="));
  }
  CHECK(blocks == 8);
  CHECK(c.line(c.count() - 1) == "PUT /to?comp=blocklist");
}

TEST_CASE("a service that copies on its own is asked until it is done", "[azure][copy]") {
  Container c(AsyncService({"pending", "pending", "success"}));

  const WriteResult result = c.store->copy("from", "to", {});

  CHECK(result.size == 9);
  CHECK(c.clock->sleeps().size() == 2);
  const auto started = c.request(2);
  CHECK(started.headers.get("x-ms-copy-source") == std::string(kRoot) + "/from");
  CHECK(started.headers.get("x-ms-source-if-match") == "\"0x1\"");
  CHECK(started.headers.get("x-ms-meta-run") == "7");

  const std::size_t before = c.count();
  c.store->copy("from", "to", {});
  CHECK(c.count() == before + 4);  // it is not asked for Put Blob From URL again
}

TEST_CASE("a content type that the service would not give is set afterwards", "[azure][copy]") {
  Container c(AsyncService({"success"}));

  c.store->copy("from", "to", {.content_type = "text/html"});

  REQUIRE(sent(c, "PUT /to?comp=properties"));
}

TEST_CASE("a copy that fails leaves no file and says why", "[azure][copy]") {
  Container c(AsyncService({"pending", "failed"}));

  const Error error = error_of([&] { c.store->copy("from", "to", {}); });

  CHECK(contains(error.what(), "because of it"));
  CHECK(sent(c, "DELETE /to"));
}

TEST_CASE("a copy that is stopped is aborted and leaves no file", "[azure][copy]") {
  std::stop_source stop;
  AsyncService service({"pending"});
  Container c([&](const net::Request& request) {
    if (request.headers.find("x-ms-copy-source") && !request.headers.find("x-ms-blob-type")) {
      stop.request_stop();
    }
    return service(request);
  });

  CHECK(code_of([&] { c.store->copy("from", "to", {.call = {.stop = stop.get_token()}}); }) ==
        ErrorCode::cancelled);
  CHECK(sent(c, "PUT /to?comp=copy&copyid=id"));
  CHECK(sent(c, "DELETE /to"));
}

TEST_CASE("a copy that makes no progress is given up", "[azure][copy]") {
  Container c(AsyncService({"pending"}));

  CHECK(code_of([&] { c.store->copy("from", "to", {}); }) == ErrorCode::timeout);
  CHECK(sent(c, "DELETE /to"));
}

TEST_CASE("a moved blob is deleted only as the version that was copied", "[azure][move]") {
  Container c({source(), done(), head(), {.status = 202, .headers = {{"x-ms-request-id", "r"}}}});

  c.store->move("from", "to", {});

  CHECK(c.line(3) == "DELETE /from");
  CHECK(c.request(3).headers.get("if-match") == "\"0x1\"");
}

TEST_CASE("a source whose removal was answered by nobody may be gone", "[azure][move]") {
  // as Azurite 3.35 answers to a condition on what is not there
  Container c({source(), done(), head(), lost(), error(412, "ConditionNotMet")});

  CHECK(c.store->move("from", "to", {}).size == 9);

  CHECK(c.count() == 5);
}

TEST_CASE("a source that changed while it was moved stays", "[azure][move]") {
  Container c({source(), done(), head(), error(412, "ConditionNotMet")});

  CHECK(code_of([&] { c.store->move("from", "to", {}); }) == ErrorCode::precondition_failed);
}

TEST_CASE("what is not there can't be copied", "[azure][copy]") {
  Container c({{.status = 404, .headers = {{"x-ms-error-code", "BlobNotFound"}}}});

  CHECK(code_of([&] { c.store->copy("from", "to", {}); }) == ErrorCode::not_found);
}

}  // namespace
