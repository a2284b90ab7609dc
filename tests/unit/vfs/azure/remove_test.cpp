#include <chrono>
#include <functional>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/container.hpp"
#include "vfs/net/text.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::azure;
using test::Answer;
using test::code_of;

const std::vector<Path> kThree{Path("a"), Path("b"), Path("c")};

Answer deleted() {
  return {.status = 202, .headers = {{"x-ms-request-id", "r"}}};
}

/// A batch of answers, in the form of Microsoft's page: "202 Accepted", "404 Gone|BlobNotFound".
Answer batch(const std::vector<std::string>& lines) {
  std::string body;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t bar = lines[i].find('|');
    body += "--answers\r\nContent-Type: application/http\r\nContent-ID: " + std::to_string(i) +
            "\r\n\r\nHTTP/1.1 " + lines[i].substr(0, bar) + "\r\n";
    if (bar != std::string::npos) body += "x-ms-error-code: " + lines[i].substr(bar + 1) + "\r\n";
    body += "\r\n";
  }
  return {
      .status = 202,
      .headers = {{"Content-Type", "multipart/mixed; boundary=answers"}, {"x-ms-request-id", "r"}},
      .body = body + "--answers--\r\n"};
}

bool all_removed(const std::vector<RemoveResult>& results) {
  return std::ranges::all_of(results, [](const RemoveResult& r) { return r.error.empty(); });
}

TEST_CASE("many blobs go in one request, each authorized on its own", "[azure][remove]") {
  Container c({batch({"202 Accepted", "404 Gone|BlobNotFound", "202 Accepted"})});

  CHECK(all_removed(c.store->remove(kThree, {})));

  CHECK(c.count() == 1);
  CHECK(c.line(0) == "POST ?restype=container&comp=batch");
  const std::string body = text_of(c.request(0).body);
  for (const char* line : {"DELETE /models/a HTTP/1.1\r\n", "DELETE /models/b HTTP/1.1\r\n",
                           "DELETE /models/c HTTP/1.1\r\n"}) {
    CHECK(contains(body, line));
  }
  CHECK(contains(body, "authorization: SharedKey acct:"));
  CHECK_FALSE(contains(body, "x-ms-version"));  // that of the batch counts
}

TEST_CASE("more than 256 blobs take more than one batch", "[azure][remove]") {
  std::vector<Path> paths;
  for (int i = 0; i < 300; ++i) paths.emplace_back("k" + std::to_string(i));
  Container c([](const net::Request& request) {
    const std::string body = text_of(request.body);
    std::size_t count = 0;
    for (std::size_t at = body.find("DELETE "); at != body.npos;
         at = body.find("DELETE ", at + 1)) {
      ++count;
    }
    CHECK(count <= 256);
    return batch(std::vector<std::string>(count, "202 Accepted"));
  });

  CHECK(all_removed(c.store->remove(paths, {})));
  CHECK(c.count() == 2);
}

TEST_CASE("a blob that can't be removed is told, and the others go", "[azure][remove]") {
  Container c({batch({"202 Accepted", "409 Conflict|SnapshotsPresent", "202 Accepted"})});

  const auto results = c.store->remove(kThree, {});

  CHECK(results[0].error.empty());
  CHECK(contains(results[1].error, "SnapshotsPresent"));
  CHECK(results[1].code == ErrorCode::conflict);
  CHECK(results[2].error.empty());
}

TEST_CASE("what the service was too busy to remove is asked for again", "[azure][remove]") {
  Container c({batch({"202 Accepted", "503 Busy|ServerBusy", "500 Slow|OperationTimedOut"}),
               batch({"202 Accepted", "202 Accepted"})});

  CHECK(all_removed(c.store->remove(kThree, {})));
  CHECK(c.count() == 2);
}

TEST_CASE("what was refused within a batch is asked for singly", "[azure][remove]") {
  Container c({batch({"202 Accepted", "403 No|AuthenticationFailed", "202 Accepted"}), deleted()});

  CHECK(all_removed(c.store->remove(kThree, {})));
  CHECK(c.line(1) == "DELETE /b");
}

TEST_CASE("a server without batches is asked once", "[azure][remove]") {
  Container c([](const net::Request& request) {
    return request.method == "POST" ? error(501, "APINotImplemented") : deleted();
  });

  CHECK(all_removed(c.store->remove(kThree, {})));
  CHECK(c.count() == 4);
  CHECK(all_removed(c.store->remove(kThree, {})));
  CHECK(c.count() == 7);
}

TEST_CASE("an answer that is cut short is no answer", "[azure][remove]") {
  Container c([](const net::Request& request) -> Answer {
    if (request.method == "DELETE") return deleted();
    Answer answer = batch({"202 Accepted", "202 Accepted", "202 Accepted"});
    answer.body.resize(answer.body.size() / 2);
    return answer;
  });

  CHECK(all_removed(c.store->remove(kThree, {})));
  CHECK(c.count() == 4);
}

TEST_CASE("a removal whose answer was lost finds nothing and is done", "[azure][remove]") {
  Container c({lost(), error(404, "BlobNotFound")});

  CHECK(all_removed(c.store->remove(std::vector{Path("a")}, {})));
}

TEST_CASE("a container that is not there is no blob that is gone", "[azure][remove]") {
  Container c({error(404, "ContainerNotFound")});

  CHECK(code_of([&] { c.store->remove(std::vector{Path("a")}, {}); }) == ErrorCode::not_found);
}

TEST_CASE("the mark of a directory goes under the directory's name", "[azure][remove]") {
  Container c(
      {error(404, "BlobNotFound"), head({{"x-ms-meta-hdi_isfolder", "true"}}, "0"), deleted()});

  CHECK(all_removed(c.store->remove(std::vector{Path("d/")}, {})));

  CHECK(c.line(0) == "DELETE /d/");
  CHECK(c.line(2) == "DELETE /d");
  CHECK(c.request(2).headers.get("if-match") == "\"0x1\"");
}

TEST_CASE("a file is not removed under a directory's name", "[azure][remove]") {
  Container c({error(404, "BlobNotFound"), head()});

  CHECK(all_removed(c.store->remove(std::vector{Path("d/")}, {})));
  CHECK(c.count() == 2);
}

// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key: 15 minutes at
// most.
TEST_CASE("the requests of a batch are dated by the service's clock", "[azure][remove]") {
  const auto ahead = std::chrono::hours(1);
  const auto time = std::chrono::sys_days{std::chrono::year{2026} / 2 / 12} + ahead;
  const std::string date = net::format_http_date(time);
  Container c([&](const net::Request& request) -> Answer {
    if (request.headers.get("x-ms-date") != date) {
      Answer refused = error(403, "AuthenticationFailed");
      refused.headers.emplace_back("Date", date);
      return refused;
    }
    if (request.method != "POST") return head();
    const bool right = contains(text_of(request.body), "x-ms-date: " + date);
    const char* line = right ? "202 Accepted" : "403 No|AuthenticationFailed";
    return batch({line, line, line});
  });
  static_cast<void>(c.store->stat("a", {}));  // by which the clock is learnt

  CHECK(all_removed(c.store->remove(kThree, {})));

  CHECK(c.count() == 3);
  CHECK(c.line(2) == "POST ?restype=container&comp=batch");
}

}  // namespace
