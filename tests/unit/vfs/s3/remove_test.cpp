// DeleteObjects: one result per key, whatever a server does with some of them.
#include "vfs/s3/remove.hpp"

#include <algorithm>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/error.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/store.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::Answer;
using test::ScriptedTransport;

struct Fixture {
  explicit Fixture(ScriptedTransport::Handler handler)
      : transport(std::make_shared<ScriptedTransport>(std::move(handler))),
        store(make_s3_store_on(Url::parse("s3://bkt"),
                               test::scripted_services(
                                   transport, {.s3 = {.access_key_id = "id",
                                                      .secret_access_key = "secret",
                                                      .endpoint_url = "http://127.0.0.1:9000"}}))) {
  }

  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<Store> store;
};

std::string text_of(const Body& body) {
  std::string text(body.size(), '\0');
  BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("more than 1000 keys go in several requests, results in their order", "[s3][remove]") {
  Fixture f([](const net::Request&) -> Answer { return {.body = "<DeleteResult/>"}; });
  std::vector<Path> paths;
  for (int i = 0; i < 2500; ++i) paths.emplace_back("k" + std::to_string(i));

  const auto results = f.store->remove(paths, {});

  std::vector<std::size_t> sizes;
  for (const net::Request& request : f.transport->requests()) {
    sizes.push_back(count_of(text_of(request.body), "<Key>"));
  }
  std::ranges::sort(sizes);
  CHECK(sizes == std::vector<std::size_t>{500, 1000, 1000});
  REQUIRE(results.size() == paths.size());
  CHECK(std::ranges::equal(results, paths, {}, &RemoveResult::path));
}

TEST_CASE("only the keys that S3 asks to come back for are asked for again", "[s3][remove]") {
  int requests = 0;
  Fixture f([&requests](const net::Request&) -> Answer {
    if (++requests > 1) return {.body = "<DeleteResult/>"};
    return {.body =
                "<DeleteResult><Error><Key>a</Key><Code>SlowDown</Code></Error>"
                "<Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
                "<Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>"};
  });
  const std::vector<Path> paths{"a", "b", "c", "d"};

  const auto results = f.store->remove(paths, {});

  REQUIRE(f.transport->requests().size() == 2);
  const std::string again = text_of(f.transport->requests()[1].body);
  CHECK(count_of(again, "<Key>") == 2);
  CHECK(count_of(again, "<Key>a</Key>") == 1);
  CHECK(count_of(again, "<Key>c</Key>") == 1);
  CHECK(results[0].error.empty());
  CHECK(results[1].error == "AccessDenied: no");
  CHECK(results[1].code == ErrorCode::permission_denied);
  CHECK(results[2].error.empty());
}

TEST_CASE("a key that S3 never gets round to is an error of that key", "[s3][remove]") {
  Fixture f([](const net::Request&) -> Answer {
    return {.body =
                "<DeleteResult><Error><Key>a</Key><Code>SlowDown</Code>"
                "<Message>later</Message></Error></DeleteResult>"};
  });
  const std::vector<Path> paths{"a", "b"};

  const auto results = f.store->remove(paths, {});

  CHECK(results[0].code == ErrorCode::rate_limited);
  CHECK(results[1].error.empty());
}

TEST_CASE("a key that fails singly is an error of that key only", "[s3][remove]") {
  Fixture f([](const net::Request& request) -> Answer {
    if (request.method == "POST") return {.body = "<DeleteResult/>"};
    return {.status = 403, .body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"};
  });
  const std::vector<Path> paths{"a", std::string("\x01"), "b"};

  const auto results = f.store->remove(paths, {});

  CHECK(results[0].error.empty());
  CHECK(results[1].error == "AccessDenied: no");
  CHECK(results[2].error.empty());
}

TEST_CASE("only keys that XML 1.0 can hold travel in XML", "[s3][remove]") {
  for (const char* key : {"a", "a&<>\"'", "\xC3\xA9", "\xE9\x8D\xB5", "\xF0\x9F\x98\x80"}) {
    CHECK(s3::fits_in_xml(key));
  }
  // Control characters; a lone continuation, overlong "/", a surrogate, beyond U+10FFFF, cut,
  // U+FFFE
  for (const char* key : {"\x01", "\x7f", "\t", "\x80", "\xC0\xAF", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xE9\x8D", "\xEF\xBF\xBE", "a\xFF"}) {
    CHECK_FALSE(s3::fits_in_xml(key));
  }
}

}  // namespace
