// Clocks that are wrong, buckets that are elsewhere, credentials that run out: on servers that
// check signatures.
#include <atomic>
#include <fstream>
#include <functional>
#include <utility>

#include "tests/faults/faulty.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"
#include "vfs/base/services.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/sign.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kLarge = 32 * kMiB;  // four parts

class ShiftedClock final : public vfs::Clock {
 public:
  explicit ShiftedClock(std::chrono::seconds shift) : shift_(shift) {}
  std::chrono::system_clock::time_point now() override { return real_->now() + shift_; }
  std::chrono::steady_clock::time_point steady_now() override { return real_->steady_now(); }
  void sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    real_->sleep(duration, stop);
  }

 private:
  std::chrono::seconds shift_;
  std::shared_ptr<vfs::Clock> real_{vfs::system_clock()};
};

/// Counts the answers that tell this error.
class ErrorCounter final : public vfs::Observer {
 public:
  explicit ErrorCounter(std::string error) : error_(std::move(error)) {}
  void on_request(const vfs::RequestEvent& event) noexcept override {
    if (contains(event.error, error_)) ++count_;
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::string error_;
  std::atomic<int> count_{0};
};

/// Writes and reads in all sizes.
void check_all(const vfs::FileSystem& files, const vfs::Path& folder, const Faulty& f) {
  for (const std::size_t size : {std::size_t{1000}, kLarge}) {
    const vfs::Path path = folder / std::to_string(size);
    files.write(path, pattern(size));
    CHECK((f.stored(std::to_string(size)) == pattern(size)));
    CHECK((files.read_text(path) == pattern(size)));
  }
}

/// The server's clock, as it tells it.
std::string server_date(const Faulty& f) {
  const vfs::Url url = vfs::Url::parse(f.direct.url);
  vfs::s3::Connection connection("s3", url.authority(), f.direct.files.context().services());
  const auto response = connection.require(
      {.operation = "list", .target = vfs::s3::list_target({}, {.page_size = 1})}, {});
  return std::string(response.headers.get("date"));
}

/// Credentials that the test hands out, in a file; the server's own stand behind them: what is
/// signed with valid ones is signed anew.
class Gate {
 public:
  [[nodiscard]] std::string path() const { return folder_.string() + "/credentials"; }
  void hand_out(const std::string& token) const {
    std::ofstream(path()) << "[default]\naws_access_key_id = key-" << token
                          << "\naws_secret_access_key = secret\naws_session_token = " << token
                          << '\n';
  }
  [[nodiscard]] vfs::Config config() const {
    vfs::Config config = quick();
    config.s3.region = "us-east-1";
    config.environment = [path = path()](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_SHARED_CREDENTIALS_FILE") return path;
      return {};
    };
    return config;
  }
  /// So many requests with the token "one" are let through, then only those with "two", which is
  /// handed out at that moment.
  [[nodiscard]] std::function<std::optional<Fault>(const test::HttpMessage&)> expire_after(
      int requests) const {
    return [this, left = requests,
            expired = false](const test::HttpMessage& request) mutable -> std::optional<Fault> {
      const std::string token = request.header("x-amz-security-token");
      if (token == "two" || (token == "one" && left-- > 0)) {
        return Fault{.kind = Kind::edit_request, .edit = &sign_anew};
      }
      left = 0;
      if (!std::exchange(expired, true)) hand_out("two");
      return Fault{.kind = Kind::answer, .reply = test::error_reply(400, "ExpiredToken")};
    };
  }

 private:
  static void sign_anew(test::HttpMessage& message) {
    vfs::net::Request request{.method = message.method(),
                              .url = "http://" + message.header("host") + message.target()};
    const std::string old = message.header("authorization");
    std::string names = old.substr(old.find("SignedHeaders=") + 14);
    names = ";" + names.substr(0, names.find(',')) + ";";
    message.remove_header("x-amz-security-token");
    for (const auto& [name, value] : message.headers) {
      const std::string lower = test::lower(name);
      if (lower != "host" && contains(names, ";" + lower + ";")) request.headers.set(lower, value);
    }
    static vfs::s3::Signer signer;
    signer.sign(request,
                {.access_key_id = variable("AWS_ACCESS_KEY_ID"),
                 .secret_access_key = vfs::Secret(variable("AWS_SECRET_ACCESS_KEY"))},
                "us-east-1", std::chrono::system_clock::now());
    for (const char* name : {"x-amz-date", "authorization"}) {
      message.set_header(name, std::string(request.headers.get(name)));
    }
  }

  test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a clock that is an hour off is corrected by the server's, once", "[s3]") {
  const auto hour = std::chrono::hours{GENERATE(-1, 1)};
  const bool reads_first = GENERATE(true, false);
  Faulty f;
  f.put("text");
  vfs::Config config = quick();
  config.s3.endpoint_url = f.proxy.url();
  config.http.stall_timeout = std::chrono::seconds{5};
  const auto skewed = std::make_shared<ErrorCounter>("RequestTimeTooSkewed");
  config.observer = skewed;
  const auto context = vfs::Context::make(config);
  context->services().clock = std::make_shared<ShiftedClock>(hour);
  const vfs::Location place = context->resolve(f.direct.url);

  if (reads_first) CHECK(place.file_system.read_text(place.path / "k") == "text");
  check_all(place.file_system, place.path, f);

  CHECK(skewed->count() == 1);
}

TEST_CASE("parts that are all refused for a wrong clock are all sent again", "[s3]") {
  Faulty f;
  const auto skewed = std::make_shared<ErrorCounter>("RequestTimeTooSkewed");
  vfs::Config config = quick();
  config.observer = skewed;
  const auto files = f.open(config);
  const test::HttpMessage refusal =
      test::error_reply(403, "RequestTimeTooSkewed", {{"Date", server_date(f)}});
  for (int part = 0; part < 4; ++part) {
    f.once(dialect().part(part), {.kind = Kind::answer, .reply = refusal});
  }

  files.write("k", pattern(kLarge));

  CHECK(skewed->count() == 4);
  CHECK((f.stored() == pattern(kLarge)));
}

TEST_CASE("a clock that the network lies about is corrected by the server's", "[s3]") {
  Faulty f;
  f.once(dialect().put(f.key()),
         {.kind = Kind::answer,
          .reply = test::error_reply(403, "RequestTimeTooSkewed",
                                     {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}})});

  f.files.write("k", "text");

  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "text");
}

TEST_CASE("a wrong region is corrected by what the server says, once", "[s3]") {
  const auto [status, code] =
      GENERATE(table<int, std::string>({{400, "AuthorizationHeaderMalformed"},
                                        {400, "IllegalLocationConstraintException"},
                                        {301, "PermanentRedirect"},
                                        {307, "TemporaryRedirect"}}));
  vfs::Config config = quick();
  config.s3.region = "eu-west-3";
  Faulty f(config);
  const test::HttpMessage reply =
      test::error_reply(status, code, {{"x-amz-bucket-region", "us-east-1"}});
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    if (contains(request.header("authorization"), "/us-east-1/")) return {};
    return Fault{.kind = Kind::answer, .reply = reply};
  });

  check_all(f.files, "", f);

  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("reads in parallel that all go to the wrong region are all sent to the right one",
          "[s3]") {
  vfs::Config config = quick();
  config.s3.region = "eu-west-3";
  Faulty f(config);
  f.put(pattern(kLarge));
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    if (contains(request.header("authorization"), "/us-east-1/")) return {};
    return Fault{.kind = Kind::answer,
                 .reply = test::error_reply(301, "PermanentRedirect",
                                            {{"x-amz-bucket-region", "us-east-1"}})};
  });
  std::string text(kLarge, '?');
  const vfs::RangeRead all{0, std::as_writable_bytes(std::span(text))};

  f.files.read_ranges("k", {&all, 1});

  CHECK((text == pattern(kLarge)));
}

TEST_CASE("a server that insists on its region gets it", "[s3]") {
  vfs::Config config = quick();
  config.s3.region = "eu-west-3";
  const auto refused = std::make_shared<ErrorCounter>("AuthorizationHeaderMalformed");
  config.observer = refused;
  Faulty f(config);

  check_all(f.files, "", f);

  CHECK(refused->count() == (variable("CAIRN_TEST_SERVER") == "versitygw" ? 1 : 0));
}

TEST_CASE("credentials may run out at any request of an upload, which goes on with new ones",
          "[s3]") {
  for (int good = 0; good <= 5; ++good) {  // start, four parts, complete
    INFO("the first " << good << " requests are in time");
    const Gate gate;
    gate.hand_out("one");
    Faulty f(gate.config());
    f.proxy.set_chance(gate.expire_after(good));

    f.files.write("k", pattern(kLarge));

    int starts = 0;
    for (const std::string& request : f.proxy.requests()) starts += contains(request, "?uploads");
    CHECK(starts == (good == 0 ? 2 : 1));
    CHECK((f.stored() == pattern(kLarge)));
    CHECK(f.pending_uploads().empty());
  }
}

TEST_CASE("credentials that run out during a read in parallel are looked up again", "[s3]") {
  const Gate gate;
  gate.hand_out("one");
  Faulty f(gate.config());
  f.put(pattern(kLarge));
  f.proxy.set_chance(gate.expire_after(2));

  CHECK((f.files.read_text("k") == pattern(kLarge)));
}

TEST_CASE("credentials that stay expired are an error that says so", "[s3]") {
  const Gate gate;
  gate.hand_out("one");
  Faulty f(gate.config());
  f.always({}, {.kind = Kind::answer, .reply = test::error_reply(400, "ExpiredToken")});

  CHECK(code_of([&] { f.files.write("k", "text"); }) == vfs::ErrorCode::unauthenticated);
  CHECK(f.proxy.requests().size() <= 3);
}
