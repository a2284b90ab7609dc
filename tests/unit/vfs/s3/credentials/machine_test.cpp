#include "tests/unit/vfs/s3/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::Answer;
using test::contains;
using test::Machine;

namespace {

const std::string kCredentials =
    R"({"Code":"Success","AccessKeyId":"ASIAMACHINE","SecretAccessKey":"s","Token":"t","Expiration":"2026-02-12T06:00:00Z"})";

void add_instance(Machine& machine, std::string credentials = kCredentials) {
  machine.answer("/latest/api/token", [](const vfs::net::Request& request) -> Answer {
    const bool right = request.method == "PUT" &&
                       request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600";
    return right ? Answer{.body = "imds-token"} : Answer{.status = 400};
  });
  const auto with_token = [](std::string body) {
    return [body = std::move(body)](const vfs::net::Request& request) -> Answer {
      const bool right = request.headers.get("x-aws-ec2-metadata-token") == "imds-token";
      return right ? Answer{.body = body} : Answer{.status = 401};
    };
  };
  machine.answer("/security-credentials/a%20role", with_token(std::move(credentials)));
  machine.answer("/security-credentials/", with_token("a role\n"));
}

}  // namespace

TEST_CASE("an instance gives the credentials of its role, by version 2 of its service",
          "[s3][credentials]") {
  Machine machine;
  add_instance(machine);

  const auto found = machine.find();

  CHECK(found.access_key_id == "ASIAMACHINE");
  CHECK(found.session_token.reveal() == "t");
  CHECK(*found.expires - machine.clock->now() == 6h);
  const auto requests = machine.transport->requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].url == "http://169.254.169.254/latest/api/token");
  CHECK(requests[2].url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/a%20role");
}

TEST_CASE("the instance's service can be elsewhere, or off", "[s3][credentials]") {
  Machine machine;
  SECTION("elsewhere") {
    machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/");
    add_instance(machine);
    CHECK(machine.find().access_key_id == "ASIAMACHINE");
    CHECK(machine.transport->requests().at(0).url == "http://127.0.0.1:1338/latest/api/token");
  }
  SECTION("at its IPv6 address") {
    machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    add_instance(machine);
    CHECK(machine.find().access_key_id == "ASIAMACHINE");
    CHECK(machine.transport->requests().at(0).url == "http://[fd00:ec2::254]/latest/api/token");
  }
  SECTION("off") {
    machine.set("AWS_EC2_METADATA_DISABLED", "true");
    CHECK(contains(machine.failure(), "AWS_EC2_METADATA_DISABLED is true"));
    CHECK(machine.transport->requests().empty());
  }
}

TEST_CASE("version 1 of the instance's service is asked only where that is allowed",
          "[s3][credentials]") {
  Machine machine;
  machine.answer("/latest/api/token", {.status = 405});
  machine.answer("/security-credentials/role", {.body = kCredentials});
  machine.answer("/security-credentials/", {.body = "role"});
  CHECK(contains(machine.failure(), "instance metadata (no answer)"));
  machine.set("AWS_EC2_METADATA_V1_DISABLED", "false");
  CHECK(machine.find().access_key_id == "ASIAMACHINE");
}

TEST_CASE("an instance without a role is no error", "[s3][credentials]") {
  Machine machine;
  machine.answer("/latest/api/token", {.body = "token"});
  SECTION("which it says") {
    machine.answer("/security-credentials/", {.status = 404});
  }
  SECTION("or does not") {
    machine.answer("/security-credentials/", {.body = "\n"});
  }
  CHECK(contains(machine.failure(), "the instance has no role"));
}

TEST_CASE("while the instance's service is out, its last credentials are used on",
          "[s3][credentials]") {
  Machine machine;
  const auto before = std::make_shared<const vfs::s3::Credentials>(
      vfs::s3::Credentials{.access_key_id = "OLD",
                           .secret_access_key = "s",
                           .expires = machine.clock->now() + 1min,
                           .extendable = true});

  const auto found = machine.find({}, before);

  CHECK(found.access_key_id == "OLD");
  CHECK(*found.expires == machine.clock->now() + 15min);
}

TEST_CASE("an instance that gives credentials which have expired is out, too",
          "[s3][credentials]") {
  Machine machine;
  add_instance(
      machine,
      R"({"Code":"Success","AccessKeyId":"ASIALATE","SecretAccessKey":"s","Token":"t","Expiration":"2026-02-11T23:59:00Z"})");

  const auto found = machine.find();

  CHECK(found.access_key_id == "ASIALATE");
  CHECK(*found.expires == machine.clock->now() + 15min);
}

TEST_CASE("credentials of an instance outlive an outage, and are renewed after it",
          "[s3][credentials]") {
  Machine machine;
  bool out = false;
  machine.answer("/latest/api/token", [&](const vfs::net::Request&) -> Answer {
    if (out) return {.failure = vfs::net::TransportFailure::connect};
    return {.body = "token"};
  });
  machine.answer("/security-credentials/role", [&](const vfs::net::Request&) -> Answer {
    return {
        .body =
            machine.clock->now() < std::chrono::sys_days{std::chrono::year{2026} / 2 / 12} + 6h
                ? kCredentials
                : R"({"Code":"Success","AccessKeyId":"NEW","SecretAccessKey":"s","Token":"t","Expiration":"2026-02-12T18:00:00Z"})"};
  });
  machine.answer("/security-credentials/", {.body = "role"});
  const auto cache = vfs::s3::shared_credentials(machine.services());
  CHECK(cache->get({})->access_key_id == "ASIAMACHINE");

  out = true;
  machine.clock->sleep(7h, {});
  CHECK(cache->get({})->access_key_id == "ASIAMACHINE");
  machine.clock->sleep(20min, {});
  CHECK(cache->get({})->access_key_id == "ASIAMACHINE");
  out = false;
  machine.clock->sleep(10min, {});
  CHECK(cache->get({})->access_key_id == "NEW");
}

TEST_CASE("an error in a 200 of the instance's service is not taken for credentials",
          "[s3][credentials]") {
  Machine machine;
  add_instance(machine, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"why"})");
  CHECK(contains(machine.failure(), "AssumeRoleUnauthorizedAccess: why"));
}

TEST_CASE("a container's endpoint is asked with the token that its file holds now",
          "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials");
  machine.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one");
  machine.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", machine.file("token", "first"));
  machine.answer("169.254.170.23/v1/credentials", {.body = kCredentials});

  CHECK(machine.find().access_key_id == "ASIAMACHINE");
  machine.file("token", "second");
  CHECK(machine.find().access_key_id == "ASIAMACHINE");

  const auto requests = machine.transport->requests();
  CHECK(requests.at(0).headers.get("authorization") == "first");
  CHECK(requests.at(1).headers.get("authorization") == "second");
}

TEST_CASE("a container's relative address is at the container's host", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x?id=1");
  machine.answer("/v2/x", {.body = kCredentials});
  CHECK(machine.find().access_key_id == "ASIAMACHINE");
  CHECK(machine.transport->requests().at(0).url == "http://169.254.170.2/v2/x?id=1");
}

TEST_CASE("credentials are not asked for over plain http from strangers", "[s3][credentials]") {
  Machine machine;
  machine.answer("/", {.body = kCredentials});
  for (const std::string url :
       {"http://evil.example/", "http://169.254.170.3/", "ftp://127.0.0.1/",
        "http://127.0.0.1@evil.example/", "http://127.0.0.1:80@evil.example/",
        "http://evil.example?.localhost", "http://evil.example#.localhost/",
        "http://127.0.0.1.evil.example/", "http://127.0.0.1\\.evil.example/"}) {
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    CHECK(contains(machine.failure(), "not asked for at"));
  }
  CHECK(machine.transport->requests().empty());
  for (const std::string url : {"http://127.0.0.1:99/x", "http://[fd00:ec2::23]/v1/credentials",
                                "http://localhost/x", "https://anywhere.example/x"}) {
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    CHECK(machine.find().access_key_id == "ASIAMACHINE");
  }
}

TEST_CASE("a container's token with a line break is refused", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
  machine.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nX-Evil: 1");
  CHECK(contains(machine.failure(), "holds a line break"));
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("a container that refuses is an error", "[s3][credentials]") {
  Machine machine;
  machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
  machine.answer("127.0.0.1", {.status = 403, .body = R"({"code":"No","message":"never"})"});
  CHECK(contains(machine.failure(), "gave no credentials: 403 No: never"));
}
