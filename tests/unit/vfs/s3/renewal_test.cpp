// Credentials that run out while something is going on.
#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include "tests/unit/vfs/s3/credentials/machine.hpp"
#include "vfs/error.hpp"
#include "vfs/s3/store.hpp"

namespace {

using namespace cairn;
using test::Answer;
using test::contains;
using test::Machine;
using test::text_of;

const Answer kExpired{.status = 400, .body = "<Error><Code>ExpiredToken</Code></Error>"};

/// A program hands out the keys: ASIA1, then ASIA2, …
struct Fixture {
  explicit Fixture(test::ScriptedTransport::Handler handler)
      : transport(std::make_shared<test::ScriptedTransport>(std::move(handler))) {
    const std::string script =
        machine.file("keys",
                     "#!/bin/sh\n"
                     "echo x >> \"$1\"\n"
                     "n=$(wc -l < \"$1\")\n"
                     "echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":"
                     "\\\"ASIA$n\\\",\\\"SecretAccessKey\\\":\\\"s\\\","
                     "\\\"SessionToken\\\":\\\"token$n\\\",\\\"Expiration\\\":"
                     "\\\"2026-02-12T06:00:00Z\\\"}\"\n",
                     0700);
    machine.config("[default]\ncredential_process = " + script + " " + runs + "\n");
  }

  std::shared_ptr<vfs::Store> store(std::shared_ptr<vfs::net::Transport> other = nullptr) {
    vfs::Services services = machine.services({.endpoint_url = "http://127.0.0.1:9000"});
    services.transport = other ? std::move(other) : transport;
    return make_s3_store_on(vfs::Url::parse("s3://bkt"), services);
  }
  /// How often the program was run.
  [[nodiscard]] std::size_t fetches() const { return std::filesystem::file_size(runs) / 2; }

  Machine machine;
  std::string runs = machine.file("runs", "");
  std::shared_ptr<test::ScriptedTransport> transport;
};

std::string key_of(const vfs::net::Request& request) {
  const std::string text(request.headers.get("authorization"));
  const std::size_t start = text.find("Credential=") + 11;
  return text.substr(start, text.find('/', start) - start);
}

bool is_part(const vfs::net::Request& request) {
  return contains(request.url, "partNumber=");
}

Answer answer_upload(const vfs::net::Request& request) {
  if (contains(request.url, "?uploads=")) {
    return {.body =
                "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                "</InitiateMultipartUploadResult>"};
  }
  if (is_part(request)) return {.headers = {{"ETag", "\"p\""}}};
  return {.body =
              "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag>"
              "</CompleteMultipartUploadResult>"};
}

}  // namespace

TEST_CASE("an upload whose token expires goes on with a new one", "[s3][renewal]") {
  std::atomic<bool> expired{false};
  std::map<std::string, std::string> parts;  // what has arrived, by the number of the part
  Fixture f([&](const vfs::net::Request& request) -> Answer {
    if (contains(request.url, "partNumber=3")) expired = true;
    if (expired && request.headers.get("x-amz-security-token") == "token1") return kExpired;
    if (is_part(request)) {
      CHECK(contains(request.url, "uploadId=u1"));
      parts[request.url.substr(request.url.find("partNumber=") + 11, 1)] = text_of(request.body);
    }
    return answer_upload(request);
  });
  const auto store = f.store();

  const auto upload = store->start_upload("k", {});
  for (std::uint32_t i = 0; i < 5; ++i) {
    const std::string bytes(i + 1, 'x');
    upload->put_part(i, vfs::Body(bytes), {});
  }
  CHECK(upload->commit({}).etag == "\"whole\"");

  CHECK(parts == std::map<std::string, std::string>{
                     {"1", "x"}, {"2", "xx"}, {"3", "xxx"}, {"4", "xxxx"}, {"5", "xxxxx"}});
  CHECK(f.fetches() == 2);
  std::vector<std::string> keys;
  for (const auto& request : f.transport->requests()) keys.push_back(key_of(request));
  CHECK(keys == std::vector<std::string>{"ASIA1", "ASIA1", "ASIA1", "ASIA1", "ASIA2", "ASIA2",
                                         "ASIA2", "ASIA2"});
}

namespace {

/// Answers the first `count` parts when all of them have come, so that all carry the same token.
class Together final : public vfs::net::Transport {
 public:
  Together(int count, std::shared_ptr<vfs::net::Transport> next)
      : all_(count), waiting_(count), next_(std::move(next)) {}
  vfs::net::Response send(const vfs::net::Request& request,
                          const vfs::net::Exchange& exchange) override {
    if (is_part(request) && waiting_-- > 0) all_.arrive_and_wait();
    return next_->send(request, exchange);
  }

 private:
  std::latch all_;
  std::atomic<int> waiting_;
  std::shared_ptr<vfs::net::Transport> next_;
};

}  // namespace

TEST_CASE("parts that are refused together share one new token", "[s3][renewal]") {
  std::set<std::string> arrived;
  Fixture f([&](const vfs::net::Request& request) -> Answer {
    if (!is_part(request)) return answer_upload(request);
    if (key_of(request) == "ASIA1") return kExpired;
    arrived.insert(request.url.substr(request.url.find("partNumber=") + 11, 1));
    return answer_upload(request);
  });
  const auto store = f.store(std::make_shared<Together>(5, f.transport));

  const auto upload = store->start_upload("k", {});
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < 5; ++i) {
      threads.emplace_back([&upload, i] { upload->put_part(i, vfs::Body("x"), {}); });
    }
  }
  static_cast<void>(upload->commit({}));

  CHECK(arrived == std::set<std::string>{"1", "2", "3", "4", "5"});
  CHECK(f.fetches() == 2);
}

TEST_CASE("an expired token is also found behind the empty answer to a HEAD", "[s3][renewal]") {
  // S3 answers so: the answer to a HEAD has no body that could name the cause.
  Fixture f([](const vfs::net::Request& request) -> Answer {
    const bool fresh = key_of(request) == "ASIA2";
    if (request.method == "HEAD") {
      return fresh ? Answer{.headers = {{"Content-Length", "4"}, {"ETag", "\"e\""}}}
                   : Answer{.status = 400};
    }
    return fresh ? Answer{} : kExpired;
  });

  const auto info = f.store()->stat("k", {});

  REQUIRE(info.has_value());
  CHECK(info->size == 4);
  CHECK(f.fetches() == 2);
}

TEST_CASE("when a token has expired and there is no other, the error says why", "[s3][renewal]") {
  Fixture f([](const vfs::net::Request&) -> Answer { return kExpired; });
  f.machine.file(
      "keys",
      "#!/bin/sh\n[ -s \"$1\" ] && { echo 'log in again' >&2; exit 7; }\necho x >> \"$1\"\n"
      R"(echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t"}')",
      0700);
  const auto store = f.store();
  try {
    store->put("k", vfs::Body("x"), {});
    FAIL("no error");
  } catch (const vfs::Error& error) {
    CHECK(error.code() == vfs::ErrorCode::unauthenticated);
    CHECK(contains(error.what(), "s3://bkt/k"));
    CHECK(contains(error.what(), "it ended with status 7; it says: log in again"));
  }
}

TEST_CASE("a token that is refused and stays the same is tried twice, and no more",
          "[s3][renewal]") {
  Machine machine;
  machine.set("AWS_ACCESS_KEY_ID", "A");
  machine.set("AWS_SECRET_ACCESS_KEY", "s");
  machine.set("AWS_SESSION_TOKEN", "t");
  machine.answer("127.0.0.1", kExpired);
  const auto store = make_s3_store_on(vfs::Url::parse("s3://bkt"),
                                      machine.services({.endpoint_url = "http://127.0.0.1:9000"}));
  try {
    store->put("k", vfs::Body("x"), {});
    FAIL("no error");
  } catch (const vfs::Error& error) {
    CHECK(error.code() == vfs::ErrorCode::unauthenticated);
    CHECK(contains(error.what(), "get new credentials"));
  }
  CHECK(machine.transport->requests().size() == 2);
}
