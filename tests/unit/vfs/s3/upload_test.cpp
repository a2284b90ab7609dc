#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/error.hpp"
#include "vfs/s3/store.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using net::TransportFailure;
using test::Answer;
using test::ScriptedTransport;

constexpr const char* kInitiated =
    "<InitiateMultipartUploadResult><UploadId>u/1</UploadId></InitiateMultipartUploadResult>";
constexpr const char* kCompleted =
    "<CompleteMultipartUploadResult><ETag>&#34;m-2&#34;</ETag></CompleteMultipartUploadResult>";

bool has(const net::Request& request, std::string_view query) {
  return request.url.find(query) != std::string::npos;
}

/// A server that takes an upload; completing it is up to the test.
struct Fixture {
  explicit Fixture(ScriptedTransport::Handler complete)
      : transport(std::make_shared<ScriptedTransport>(
            [this, complete](const net::Request& request) -> Answer {
              if (has(request, "?uploads=")) {
                token = request.headers.get("x-amz-meta-cairn-op");
                return {.body = kInitiated};
              }
              if (has(request, "partNumber=")) return {.headers = {{"ETag", "\"p\""}}};
              return complete(request);
            })),
        store(make_s3_store_on(Url::parse("s3://bkt"),
                               test::scripted_services(
                                   transport, {.s3 = {.access_key_id = "id",
                                                      .secret_access_key = "secret",
                                                      .endpoint_url = "http://127.0.0.1:9000"}}))) {
  }

  [[nodiscard]] std::size_t count(std::string_view method) const {
    const auto requests = transport->requests();
    return static_cast<std::size_t>(std::ranges::count(requests, method, &net::Request::method));
  }

  std::string token;
  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<Store> store;
};

std::string text_of(const Body& body) {
  std::string text(body.size(), '\0');
  BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

TEST_CASE("a commit lists each part with its checksum and carries that of the whole",
          "[s3][upload]") {
  Fixture f([](const net::Request&) -> Answer { return {.body = kCompleted}; });
  const auto upload = f.store->start_upload("k", {});

  upload->put_part(1, Body("56789"), {});
  upload->put_part(0, Body("1234"), {});
  const WriteResult result = upload->commit({});

  CHECK(result.etag == "\"m-2\"");
  CHECK(result.size == 9);
  const net::Request complete = f.transport->requests().back();
  CHECK(has(complete, "?uploadId=u%2F1"));
  // CRC32C of "1234", "56789" and "123456789"
  CHECK(text_of(complete.body) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>&quot;p&quot;</ETag><ChecksumCRC32C>9jr07g==</"
        "ChecksumCRC32C></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>&quot;p&quot;</ETag><ChecksumCRC32C>g7Vl2A==</"
        "ChecksumCRC32C></Part>"
        "</CompleteMultipartUpload>");
  CHECK(complete.headers.get("x-amz-checksum-crc32c") == "4waSgw==");
  CHECK(complete.headers.get("x-amz-checksum-type") == "FULL_OBJECT");
}

TEST_CASE("an upload that is not committed is aborted", "[s3][upload]") {
  Fixture f([](const net::Request&) -> Answer { return {.status = 204}; });
  {
    const auto upload = f.store->start_upload("k", {});
    upload->put_part(0, Body("x"), {});
  }

  CHECK(f.transport->requests().back().method == "DELETE");
  CHECK(f.count("DELETE") == 1);
}

TEST_CASE("an upload without parts makes an empty file", "[s3][upload]") {
  Fixture f([](const net::Request&) -> Answer { return {.body = kCompleted}; });

  CHECK(f.store->start_upload("k", {})->commit({}).size == 0);
  CHECK(f.count("PUT") == 1);
  CHECK(f.count("DELETE") == 0);
}

TEST_CASE("a missing part is an error, not a hole", "[s3][upload]") {
  Fixture f([](const net::Request&) -> Answer { return {.status = 204}; });
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(1, Body("x"), {});

  CHECK_THROWS_AS(upload->commit({}), Error);
}

/// What a server says to Complete when the first answer was lost, and what it then says of the
/// object.
ScriptedTransport::Handler lost_commit(const std::string& token_of_object) {
  auto first = std::make_shared<bool>(true);
  return [first, token_of_object](const net::Request& request) -> Answer {
    if (request.method == "DELETE") return {.status = 204};
    if (request.method == "HEAD") {
      return {.headers = {{"Content-Length", "4"},
                          {"ETag", "\"whole\""},
                          {"x-amz-meta-cairn-op", token_of_object}}};
    }
    if (std::exchange(*first, false)) return {.failure = TransportFailure::receive};
    return {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"};
  };
}

// FixedRandom gives 7 twice: the token that the store makes.
constexpr const char* kOurToken = "00000000000000070000000000000007";

TEST_CASE("a commit whose answer was lost has happened if the object carries its token",
          "[s3][upload]") {
  Fixture f(lost_commit(kOurToken));
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(0, Body("1234"), {});

  CHECK(upload->commit({}).etag == "\"whole\"");
  CHECK(f.token == kOurToken);
  CHECK(f.count("DELETE") == 0);
}

TEST_CASE("an object of another writer is no proof of our commit", "[s3][upload]") {
  Fixture f(lost_commit("another"));
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(0, Body("1234"), {});

  CHECK_THROWS_AS(upload->commit({}), Error);
}

TEST_CASE("where the token was dropped, the etag that follows from the parts proves the commit",
          "[s3][upload]") {
  // python: hashlib.md5(hashlib.md5(b"1234").digest()).hexdigest()
  static constexpr const char* kEtag = "\"00e4595eafdabb56b49cbf810aadd5aa-1\"";
  auto first = std::make_shared<bool>(true);
  const auto transport =
      std::make_shared<ScriptedTransport>([first](const net::Request& request) -> Answer {
        if (has(request, "?uploads=")) return {.body = kInitiated};
        if (has(request, "partNumber=")) {
          return {.headers = {{"ETag", "\"81dc9bdb52d04dc20036dbd8313ed055\""}}};
        }
        if (request.method == "HEAD") {
          return {.headers = {{"Content-Length", "4"}, {"ETag", kEtag}}};
        }
        if (std::exchange(*first, false)) return {.failure = TransportFailure::receive};
        return {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"};
      });
  const auto store = make_s3_store_on(
      Url::parse("s3://bkt"),
      test::scripted_services(transport, {.s3 = {.access_key_id = "id",
                                                 .secret_access_key = "secret",
                                                 .endpoint_url = "http://127.0.0.1:9000"}}));
  const auto upload = store->start_upload("k", {});
  upload->put_part(0, Body("1234"), {});

  CHECK(upload->commit({}).etag == kEtag);
}

TEST_CASE("a commit that another conditional write got in the way of is a conflict",
          "[s3][upload]") {
  const auto server = [](int head_status) {
    return [head_status](const net::Request& request) -> Answer {
      if (request.method == "DELETE") return {.status = 204};
      if (request.method == "HEAD") {
        return {.status = head_status, .headers = {{"Content-Length", "1"}, {"ETag", "\"x\""}}};
      }
      return {.status = 409, .body = "<Error><Code>ConditionalRequestConflict</Code></Error>"};
    };
  };
  const auto commit = [](Fixture& f) {
    const auto upload = f.store->start_upload("k", {.if_absent = true});
    upload->put_part(0, Body("1234"), {});
    try {
      static_cast<void>(upload->commit({}));
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::io;
  };
  Fixture nobody_won(server(404));
  Fixture other_won(server(200));

  CHECK(commit(nobody_won) == ErrorCode::conflict);
  CHECK(nobody_won.count("DELETE") == 1);
  CHECK(commit(other_won) == ErrorCode::already_exists);
}

TEST_CASE("doubt that can't be resolved is said, and not called a conflict", "[s3][store]") {
  auto first = std::make_shared<bool>(true);
  Fixture f([first](const net::Request& request) -> Answer {
    if (request.method == "HEAD") return {.status = 403};
    if (std::exchange(*first, false)) return {.failure = TransportFailure::receive};
    return {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"};
  });
  try {
    f.store->put("k", Body("x"), {.if_absent = true});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(error.details().message.find("can't be asked") != std::string::npos);
  }
}

TEST_CASE("an upload that is gone after a lost answer is not called absent", "[s3][upload]") {
  auto commits = std::make_shared<int>(0);
  Fixture f([commits](const net::Request& request) -> Answer {
    if (request.method == "HEAD") return {.status = 403};
    if (request.method != "POST") return {.status = 204};
    if (++*commits == 1) return {.failure = TransportFailure::receive};
    return {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"};
  });
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(0, Body("1234"), {});

  try {
    static_cast<void>(upload->commit({}));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
  }
}

TEST_CASE("a commit that answers 200 with an error is tried again", "[s3][upload]") {
  auto first = std::make_shared<bool>(true);
  Fixture f([first](const net::Request&) -> Answer {
    if (std::exchange(*first, false)) return {.body = "<Error><Code>InternalError</Code></Error>"};
    return {.body = kCompleted};
  });
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(0, Body("1234"), {});

  CHECK(upload->commit({}).etag == "\"m-2\"");
}

TEST_CASE("a copy is pinned to the version of its source", "[s3][copy]") {
  Fixture f([](const net::Request& request) -> Answer {
    if (request.method == "HEAD")
      return {.headers = {{"Content-Length", "4"}, {"ETag", "\"src\""}}};
    return {.body = "<CopyObjectResult><ETag>\"dst\"</ETag></CopyObjectResult>"};
  });

  const WriteResult result = f.store->copy("a b", "c", {});

  CHECK(result.etag == "\"dst\"");
  const net::Request request = f.transport->requests().back();
  CHECK(request.headers.get("x-amz-copy-source") == "bkt/a%20b");
  CHECK(request.headers.get("x-amz-copy-source-if-match") == "\"src\"");
}

TEST_CASE("a file over 5 GiB is copied in parts", "[s3][copy]") {
  const auto make = [](const net::Request& request) -> Answer {
    if (request.method == "HEAD") {
      return {.headers = {{"Content-Length", "6442450945"}, {"ETag", "\"src\""}}};
    }
    return {.body = kCompleted};
  };
  std::vector<std::string> ranges;
  std::mutex mutex;
  const auto transport =
      std::make_shared<ScriptedTransport>([&](const net::Request& request) -> Answer {
        if (has(request, "?uploads=")) return {.body = kInitiated};
        if (!has(request, "partNumber=")) return make(request);
        const std::lock_guard lock(mutex);
        ranges.emplace_back(request.headers.get("x-amz-copy-source-range"));
        return {.body = "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>"};
      });
  const auto store = make_s3_store_on(
      Url::parse("s3://bkt"),
      test::scripted_services(transport, {.s3 = {.access_key_id = "id",
                                                 .secret_access_key = "secret",
                                                 .endpoint_url = "http://127.0.0.1:9000"}}));

  CHECK(store->copy("a", "b", {}).size == 6442450945U);
  std::ranges::sort(ranges);
  REQUIRE(ranges.size() == 13);
  CHECK(ranges[0] == "bytes=0-536870911");
  CHECK(std::ranges::count(ranges, "bytes=6442450944-6442450944") == 1);
}

TEST_CASE("a move that finds its copy incomplete leaves the source", "[s3][copy]") {
  int heads = 0;
  Fixture f([&heads](const net::Request& request) -> Answer {
    if (request.method == "HEAD") {
      return {.headers = {{"Content-Length", heads++ == 0 ? "4" : "3"}, {"ETag", "\"src\""}}};
    }
    return {.body = "<CopyObjectResult><ETag>\"dst\"</ETag></CopyObjectResult>"};
  });

  CHECK_THROWS_AS(f.store->move("a", "b", {}), Error);
  CHECK(f.count("DELETE") == 0);
}

}  // namespace
