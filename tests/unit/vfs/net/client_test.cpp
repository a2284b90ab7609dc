#include "vfs/net/client.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace std::chrono_literals;
using net::TransportFailure;
using test::Answer;
using test::ScriptedTransport;

/// A client over a script. Signing notes the time; an error's code is the response's body.
struct Fixture {
  explicit Fixture(std::vector<Answer> script, Config config = {})
      : transport(std::make_shared<ScriptedTransport>(std::move(script))),
        clock(std::make_shared<test::VirtualClock>()),
        client(test::scripted_services(transport, std::move(config), clock), protocol()) {}

  net::Protocol protocol() {
    return {.sign =
                [this](net::Request& request, std::string_view target, TimePoint now,
                       const CallOptions&) {
                  request.url = "http://h" + std::string(target);
                  request.headers.set("x-signed", std::to_string(signed_at.size()));
                  signed_at.push_back(now);
                },
            .examine = [](const net::Request&,
                          const net::Response& response) -> std::optional<net::ServiceError> {
              if (response.status / 100 == 2) return {};
              return net::ServiceError{.code = response.body};
            },
            .recover =
                [this](const net::ServiceError& error, const net::Request&, const net::Response&,
                       const CallOptions&) {
                  recovered += error.code == "Curable";
                  return error.code == "Curable";
                },
            .request_id_header = "x-id"};
  }

  std::vector<TimePoint> signed_at;
  int recovered{0};
  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<test::VirtualClock> clock;
  net::Client client;
};

net::Call read_call(std::span<std::byte> out, std::uint64_t start) {
  return {.operation = "read", .target = "/k", .destination = out, .range_start = start};
}

TEST_CASE("a request that succeeds is sent once", "[net][client]") {
  Fixture f({Answer{.headers = {{"x-id", "r1"}}, .body = "hi"}});

  const net::Outcome outcome = f.client.send({.target = "/k"});

  CHECK(outcome.ok());
  CHECK(outcome.response.body == "hi");
  CHECK(outcome.attempts == 1);
  CHECK(outcome.request_id == "r1");
  CHECK_FALSE(outcome.earlier_may_have_happened);
}

TEST_CASE("each attempt is signed anew, after a wait", "[net][client]") {
  Fixture f({Answer{.status = 503, .body = "SlowDown"}, {.status = 500}, {}});

  const net::Outcome outcome = f.client.send({.target = "/k"});

  CHECK(outcome.ok());
  CHECK(outcome.attempts == 3);
  CHECK(f.signed_at.size() == 3);
  CHECK(f.transport->requests()[2].headers.get("x-signed") == "2");
  CHECK(f.clock->sleeps() == std::vector<std::chrono::milliseconds>{7ms, 7ms});
}

TEST_CASE("an error that is final is not tried again", "[net][client]") {
  Fixture f({Answer{.status = 403, .body = "AccessDenied"}});

  const net::Outcome outcome = f.client.send({.target = "/k"});

  REQUIRE(outcome.error.has_value());
  CHECK(outcome.error->code == "AccessDenied");
  CHECK(f.transport->requests().size() == 1);
}

TEST_CASE("attempts are limited", "[net][client]") {
  Fixture f(std::vector<Answer>(20, {.status = 503}), {.retry = {.max_attempts = 4}});

  const net::Outcome outcome = f.client.send({.target = "/k"});

  CHECK_FALSE(outcome.ok());
  CHECK(outcome.attempts == 4);
}

TEST_CASE("time is limited", "[net][client]") {
  const Answer later{.status = 503, .headers = {{"Retry-After", "100"}}};
  Fixture f(std::vector<Answer>(20, later), {.retry = {.budget = 250s}});

  const net::Outcome outcome = f.client.send({.target = "/k"});

  CHECK_FALSE(outcome.ok());
  CHECK(outcome.attempts == 3);
}

TEST_CASE("Retry-After is honoured", "[net][client]") {
  Fixture f({Answer{.status = 503, .headers = {{"Retry-After", "3"}}}, {}});

  CHECK(f.client.send({.target = "/k"}).ok());
  CHECK(f.clock->sleeps() == std::vector<std::chrono::milliseconds>{3000ms});
}

TEST_CASE("a deadline that leaves no time for the wait ends the call", "[net][client]") {
  Fixture f({Answer{.status = 503, .headers = {{"Retry-After", "30"}}}, {}});

  const net::Outcome outcome =
      f.client.send({.target = "/k", .options = {.deadline = f.clock->steady_now() + 10s}});

  REQUIRE(outcome.failure.has_value());
  CHECK(outcome.failure->kind == TransportFailure::deadline);
  CHECK(f.clock->sleeps().empty());
}

TEST_CASE("a stop during the wait ends the call", "[net][client]") {
  Fixture f({Answer{.status = 503}, {}});
  std::stop_source source;
  source.request_stop();

  const net::Outcome outcome =
      f.client.send({.target = "/k", .options = {.stop = source.get_token()}});

  REQUIRE(outcome.failure.has_value());
  CHECK(outcome.failure->kind == TransportFailure::cancelled);
  CHECK(outcome.attempts == 1);
}

TEST_CASE("a certificate that is not right is never asked for again", "[net][client]") {
  Fixture f({Answer{.failure = TransportFailure::tls}, {}});

  CHECK_FALSE(f.client.send({.target = "/k"}).ok());
  CHECK(f.transport->requests().size() == 1);
}

TEST_CASE("doubt is remembered until the end", "[net][client]") {
  SECTION("a lost answer leaves doubt") {
    Fixture f({Answer{.failure = TransportFailure::receive}, {.status = 412}});
    CHECK(f.client.send({.target = "/k"}).earlier_may_have_happened);
  }
  SECTION("a connection that was never made leaves none") {
    Fixture f({Answer{.failure = TransportFailure::connect}, {.status = 412}});
    CHECK_FALSE(f.client.send({.target = "/k"}).earlier_may_have_happened);
  }
}

TEST_CASE("a bare refusal by a server whose clock is far off has the clock corrected",
          "[net][client]") {
  Fixture f({Answer{.status = 403, .headers = {{"Date", "Thu, 12 Feb 2026 01:00:00 GMT"}}}, {}});

  const net::Outcome outcome = f.client.send({.target = "/k", .request = {.method = "HEAD"}});

  CHECK(outcome.ok());
  CHECK(f.signed_at[1] - f.signed_at[0] == 1h);
}

TEST_CASE("Azure's refusal of a signature has the clock corrected if that is far off",
          "[net][client]") {
  const auto refusal = [](const char* date) {
    return Answer{.status = 403, .headers = {{"Date", date}}, .body = "AuthenticationFailed"};
  };
  Fixture off({refusal("Thu, 12 Feb 2026 01:00:00 GMT"), {}});
  CHECK(off.client.send({.target = "/k"}).ok());
  CHECK(off.signed_at[1] - off.signed_at[0] == 1h);

  Fixture right({refusal("Thu, 12 Feb 2026 00:01:00 GMT"), {}});
  CHECK_FALSE(right.client.send({.target = "/k"}).ok());
}

TEST_CASE("a bare refusal by a server whose clock is right is final", "[net][client]") {
  Fixture f({Answer{.status = 403, .headers = {{"Date", "Thu, 12 Feb 2026 00:01:00 GMT"}}}, {}});

  const net::Outcome outcome = f.client.send({.target = "/k", .request = {.method = "HEAD"}});

  CHECK_FALSE(outcome.ok());
  CHECK(outcome.attempts == 1);
}

TEST_CASE("the server's clock is learnt from its Date and used from then on", "[net][client]") {
  // the virtual clock stands at 2026-02-12 00:00:00
  Fixture f({Answer{.status = 403,
                    .headers = {{"Date", "Thu, 12 Feb 2026 02:00:00 GMT"}},
                    .body = "RequestTimeTooSkewed"},
             {},
             {}});

  CHECK(f.client.send({.target = "/k"}).ok());
  CHECK(f.client.send({.target = "/k"}).ok());

  REQUIRE(f.signed_at.size() == 3);
  CHECK(f.signed_at[1] - f.signed_at[0] == 2h);
  CHECK(f.signed_at[2] - f.signed_at[0] == 2h);
  CHECK(f.clock->sleeps().empty());
}

TEST_CASE("a clock that stays wrong is corrected once only", "[net][client]") {
  Fixture f(std::vector<Answer>(5, {.status = 403,
                                    .headers = {{"Date", "Thu, 12 Feb 2026 02:00:00 GMT"}},
                                    .body = "RequestTimeTooSkewed"}));

  CHECK_FALSE(f.client.send({.target = "/k"}).ok());
  CHECK(f.transport->requests().size() == 2);
}

TEST_CASE("a clock that one answer lies about is corrected by the next", "[net][client]") {
  const auto refusal = [](const char* date) {
    return Answer{.status = 403, .headers = {{"Date", date}}, .body = "RequestTimeTooSkewed"};
  };
  Fixture f({refusal("Thu, 12 Feb 1987 02:00:00 GMT"), refusal("Thu, 12 Feb 2026 02:00:00 GMT"),
             Answer{}});

  CHECK(f.client.send({.target = "/k"}).ok());
  CHECK(f.transport->requests().size() == 3);
}

TEST_CASE("a cause that can be taken away is taken away at most twice", "[net][client]") {
  Fixture f(std::vector<Answer>(9, {.status = 400, .body = "Curable"}));

  CHECK_FALSE(f.client.send({.target = "/k"}).ok());
  CHECK(f.recovered == 2);
  CHECK(f.transport->requests().size() == 3);
}

TEST_CASE("a broken download goes on from the exact byte of the same version", "[net][client]") {
  Fixture f({Answer{.status = 206,
                    .headers = {{"ETag", "\"v1\""}, {"Content-Range", "bytes 10-19/40"}},
                    .body = "0123",
                    .failure = TransportFailure::partial_body},
             {.status = 206,
              .headers = {{"ETag", "\"v1\""}, {"Content-Range", "bytes 14-19/40"}},
              .body = "456789"}});
  std::string memory(10, '-');

  const net::Outcome outcome =
      f.client.send(read_call(std::as_writable_bytes(std::span(memory)), 10));

  CHECK(outcome.ok());
  CHECK(outcome.response.received == 10);
  CHECK(memory == "0123456789");
  const auto requests = f.transport->requests();
  CHECK(requests[0].headers.get("range") == "bytes=10-19");
  CHECK_FALSE(requests[0].headers.find("if-match").has_value());
  CHECK(requests[1].headers.get("range") == "bytes=14-19");
  CHECK(requests[1].headers.get("if-match") == "\"v1\"");
}

TEST_CASE("without an etag a broken download starts again", "[net][client]") {
  Fixture f({Answer{.status = 206,
                    .headers = {{"Content-Range", "bytes 0-3/4"}},
                    .body = "xx",
                    .failure = TransportFailure::partial_body},
             {.status = 206, .headers = {{"Content-Range", "bytes 0-3/4"}}, .body = "abcd"}});
  std::string memory(4, '-');

  CHECK(f.client.send(read_call(std::as_writable_bytes(std::span(memory)), 0)).ok());
  CHECK(memory == "abcd");
  CHECK(f.transport->requests()[1].headers.get("range") == "bytes=0-3");
}

TEST_CASE("a whole object where a range was asked for", "[net][client]") {
  std::string memory(4, '-');
  const auto out = std::as_writable_bytes(std::span(memory));
  SECTION("serves a range from its start") {
    Fixture f({Answer{.body = "abcdefgh"}});
    const net::Outcome outcome = f.client.send(read_call(out, 0));
    CHECK(outcome.ok());
    CHECK(outcome.response.received == 4);
    CHECK(memory == "abcd");
  }
  SECTION("is an error for any other") {
    Fixture f({Answer{.body = "abcdefgh"}});
    const net::Outcome outcome = f.client.send(read_call(out, 4));
    CHECK_FALSE(outcome.ok());
    CHECK(outcome.response.received == 0);
  }
}

TEST_CASE("a range that is not the one asked for is never taken", "[net][client]") {
  const Answer wrong{.status = 206, .headers = {{"Content-Range", "bytes 0-3/8"}}, .body = "abcd"};
  const Answer right{.status = 206, .headers = {{"Content-Range", "bytes 4-7/8"}}, .body = "efgh"};
  Fixture f({wrong, right});
  std::string memory(4, '-');

  CHECK(f.client.send(read_call(std::as_writable_bytes(std::span(memory)), 4)).ok());
  CHECK(memory == "efgh");
}

TEST_CASE("a body shorter than its range is not taken for the end", "[net][client]") {
  const Answer cut{.status = 206, .headers = {{"Content-Range", "bytes 0-3/8"}}, .body = "ab"};
  Fixture f(std::vector<Answer>(3, cut), {.retry = {.max_attempts = 3}});
  std::string memory(4, '-');

  const net::Outcome outcome =
      f.client.send(read_call(std::as_writable_bytes(std::span(memory)), 0));

  CHECK_FALSE(outcome.ok());
  CHECK(outcome.attempts == 3);
}

TEST_CASE("when too many requests to a host have failed, none is tried again", "[net][client]") {
  Fixture f(std::vector<Answer>(20, {.status = 500}), {.retry = {.tokens = 12}});

  CHECK(f.client.send({.target = "/k"}).attempts == 3);
  CHECK(f.client.send({.target = "/k"}).attempts == 1);
}

TEST_CASE("a retry that helped costs no tokens", "[net][client]") {
  std::vector<Answer> script;
  for (int i = 0; i < 10; ++i) {
    script.push_back({.status = 500});
    script.push_back({});
  }
  Fixture f(std::move(script), {.retry = {.tokens = 5}});

  for (int i = 0; i < 10; ++i) CHECK(f.client.send({.target = "/k"}).ok());
}

TEST_CASE("what a server refuses as damaged is sent again", "[net][client]") {
  Fixture f({Answer{.status = 400, .body = "BadDigest"}, {}});
  CHECK(f.client.send({.target = "/k"}).ok());
}

TEST_CASE("a conflict can be final", "[net][client]") {
  const Answer conflict{.status = 409, .body = "ConditionalRequestConflict"};
  Fixture patient({conflict, {}});
  Fixture strict({conflict, {}});

  CHECK(patient.client.send({.target = "/k"}).ok());
  CHECK_FALSE(strict.client.send({.target = "/k", .retry_conflict = false}).ok());
}

TEST_CASE("every attempt is reported, without secrets", "[net][client]") {
  struct Recorder final : Observer {
    void on_request(const RequestEvent& event) noexcept override {
      lines.push_back(std::to_string(event.attempt) + " " + std::to_string(event.status) + " " +
                      std::string(event.url) + " " + std::string(event.error));
    }
    std::vector<std::string> lines;
  };
  const auto recorder = std::make_shared<Recorder>();
  std::vector<std::string> log;
  Fixture f({Answer{.status = 503, .body = "SlowDown"}, {}},
            {.observer = recorder,
             .log = [&log](LogLevel, std::string_view line) { log.emplace_back(line); }});

  CHECK(f.client.send({.operation = "read", .target = "/k?X-Amz-Signature=s3cret"}).ok());

  REQUIRE(recorder->lines.size() == 2);
  CHECK(recorder->lines[0] == "1 503 http://h/k?X-Amz-Signature=*** 503 SlowDown ");
  CHECK(recorder->lines[1] == "2 200 http://h/k?X-Amz-Signature=*** ");
  REQUIRE(log.size() == 2);
  CHECK(log[0].find("s3cret") == std::string::npos);
}

}  // namespace
