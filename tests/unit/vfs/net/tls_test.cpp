// Servers that prove who they are, and servers that don't: each refusal has a message of its own,
// and is not tried again.
#include <fstream>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tls_front.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;
using namespace std::chrono_literals;
using test::Authority;
using test::CertificateOptions;
using test::Reply;
using test::ScriptedServer;
using test::TlsContext;
using test::TlsFront;

int port_of(const std::string& url) {
  return std::stoi(url.substr(url.rfind(':') + 1));
}

/// An S3 store behind TLS that answers by script.
struct Fixture {
  explicit Fixture(TlsContext context, std::vector<Reply> script = {})
      : server(std::move(script)), front(std::move(context), port_of(server.url())) {}

  vfs::FileSystem files(const std::string& endpoint, vfs::Environment environment = {}) const {
    vfs::Config config{.retry = {.base_delay = 1ms},
                       .http = {.stall_timeout = 2000ms},
                       .s3 = {.access_key_id = "id",
                              .secret_access_key = "secret",
                              .region = "us-east-1",
                              .endpoint_url = endpoint}};
    config.environment = environment ? std::move(environment) : trusting(authority.pem());
    return vfs::FileSystem::open("s3://bkt/", config);
  }
  vfs::FileSystem files() const { return files(front.url()); }
  vfs::Environment trusting(const std::string& pem) const {
    const std::string path = folder.string() + "/ca.pem";
    std::ofstream(path) << pem;
    return [path](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_CA_BUNDLE") return path;
      return {};
    };
  }

  TemporaryFolder folder;
  static inline const Authority authority{};
  ScriptedServer server;
  TlsFront front;
};

vfs::Error error_of(const vfs::FileSystem& files) {
  try {
    static_cast<void>(files.read("k"));
  } catch (const vfs::Error& error) {
    return error;
  }
  FAIL("it did not fail");
  return vfs::Error(vfs::ErrorCode::io, {});
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

/// Refused once and for all, with a hint that says what to do, and nothing was sent.
void check_refused(const Fixture& f, const vfs::Error& error, std::string_view message,
                   std::string_view hint) {
  INFO(error.what());
  CHECK(error.code() == vfs::ErrorCode::untrusted);
  CHECK(contains(error.details().message, message));
  CHECK(contains(error.details().hint, hint));
  CHECK(f.front.connections() == 1);
  CHECK(f.server.received().empty());
}

}  // namespace

TEST_CASE("a server with a certificate of a trusted authority is spoken to", "[net][tls]") {
  const Fixture f(Fixture::authority.issue(), {Reply{.body = "hello"}});
  CHECK(f.files().read_text("k") == "hello");
}

TEST_CASE("a certificate of an unknown authority is refused", "[net][tls]") {
  // The second one only has the name of the one that is trusted.
  const auto name = GENERATE(as<std::string>{}, "somebody else", "cairn test authority");
  const Fixture f(Authority(name).issue());
  check_refused(f, error_of(f.files()), "", "set HttpOptions::ca_file or AWS_CA_BUNDLE");
}

TEST_CASE("a certificate for another host is refused", "[net][tls]") {
  const Fixture f(Fixture::authority.issue({.names = "DNS:other.example,IP:192.0.2.1"}));
  check_refused(f, error_of(f.files()), "subject name", "for another host");
}

TEST_CASE("a certificate that has expired, or is not valid yet, is refused", "[net][tls]") {
  const CertificateOptions options =
      GENERATE(CertificateOptions{.valid_from_seconds = -7200, .valid_to_seconds = -3600},
               CertificateOptions{.valid_from_seconds = 3600});
  const Fixture f(Fixture::authority.issue(options));
  check_refused(f, error_of(f.files()), options.valid_to_seconds < 0 ? "expired" : "not yet valid",
                "has to be renewed");
}

TEST_CASE("TLS 1.1 is refused", "[net][tls]") {
  TlsContext context = Fixture::authority.issue();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(context.get(), 0);
  const Fixture f(std::move(context));
  check_refused(f, error_of(f.files()), "", "no TLS 1.2 or newer");
}

TEST_CASE("a server without TLS behind https is told from one that is not trusted", "[net][tls]") {
  const Fixture f(Fixture::authority.issue());
  // Its answer comes only after the end of a request, which a handshake never looks like.
  const test::LoopbackServer plain([](int socket, int) {
    std::string buffer;
    test::receive_more(socket, buffer);
    test::send_all(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  const vfs::Error error = error_of(f.files("https://127.0.0.1:" + std::to_string(plain.port())));
  CHECK(error.code() == vfs::ErrorCode::untrusted);
  CHECK(contains(error.details().hint, "does not speak TLS at that port"));
}

TEST_CASE("a file of trusted certificates that can't be read is an error that names it",
          "[net][tls]") {
  const Fixture f(Fixture::authority.issue());
  const auto environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "AWS_CA_BUNDLE") return "/nowhere/ca.pem";
    return {};
  };
  const vfs::Error error = error_of(f.files(f.front.url(), environment));
  INFO(error.what());
  CHECK(error.code() == vfs::ErrorCode::untrusted);
  CHECK(contains(error.what(), "/nowhere/ca.pem"));
  CHECK(contains(error.details().hint, "AWS_CA_BUNDLE"));
  CHECK(f.server.received().empty());
}

TEST_CASE("SSL_CERT_FILE and HttpOptions::ca_file are trusted, too", "[net][tls]") {
  const Fixture f(Fixture::authority.issue(), {Reply{.body = "one"}, Reply{.body = "two"}});
  const std::string path = f.folder.string() + "/own.pem";
  std::ofstream(path) << Fixture::authority.pem();
  const auto environment = [path](std::string_view name) -> std::optional<std::string> {
    if (name == "SSL_CERT_FILE") return path;
    return {};
  };
  CHECK(f.files(f.front.url(), environment).read_text("k") == "one");
  vfs::Config config{.http = {.ca_file = path},
                     .s3 = {.access_key_id = "id",
                            .secret_access_key = "secret",
                            .region = "us-east-1",
                            .endpoint_url = f.front.url()}};
  config.environment = [](std::string_view) -> std::optional<std::string> { return {}; };
  CHECK(vfs::FileSystem::open("s3://bkt/", config).read_text("k") == "two");
}

TEST_CASE("a body that ends without TLS's goodbye is taken as cut off, and resumed", "[net][tls]") {
  const Fixture f(Fixture::authority.issue(),
                  {Reply{.headers = {{"ETag", "\"v\""}}, .body = "0123456789", .cut = 4},
                   Reply{.status = 206,
                         .headers = {{"ETag", "\"v\""}, {"Content-Range", "bytes 4-9/10"}},
                         .body = "456789"}});
  CHECK(f.files().read_text("k") == "0123456789");
  CHECK(f.server.received().size() == 2);
}
