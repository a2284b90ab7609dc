#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::Answer;
using test::contains;
using test::GoogleMachine;

namespace {

/// https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
class MetadataMachine : public GoogleMachine {
 public:
  MetadataMachine() {
    set("NO_GCE_CHECK", "");
    answer("/computeMetadata/v1/instance/service-accounts/default/token",
           [this](const vfs::net::Request& request) -> Answer {
             if (request.headers.get("metadata-flavor") != "Google") return {.status = 403};
             return token;
           });
  }
  Answer token{.headers = {{"Metadata-Flavor", "Google"}},
               .body = R"({"access_token":"ya29.m","expires_in":3599,"token_type":"Bearer"})"};
};

}  // namespace

TEST_CASE("a machine of Google's gives the token of its account", "[gcs][credentials]") {
  MetadataMachine machine;

  const auto found = machine.find();

  CHECK(found.token.reveal() == "ya29.m");
  CHECK(found.kind == "metadata");
  CHECK(*found.expires - machine.clock->now() == 3599s);
  CHECK(machine.transport->requests().at(0).url ==
        "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token");
}

TEST_CASE("the metadata server can be elsewhere, or off", "[gcs][credentials]") {
  MetadataMachine machine;
  const auto asked = [&] {
    CHECK(machine.find().token.reveal() == "ya29.m");
    return machine.transport->requests().back().url;
  };
  machine.set("GCE_METADATA_IP", "127.0.0.3:3");
  CHECK(asked().starts_with("http://127.0.0.3:3/computeMetadata/"));
  machine.set("GCE_METADATA_ROOT", "127.0.0.2:2");
  CHECK(asked().starts_with("http://127.0.0.2:2/computeMetadata/"));
  machine.set("GCE_METADATA_HOST", "127.0.0.1:1");
  CHECK(asked().starts_with("http://127.0.0.1:1/computeMetadata/"));
  machine.set("NO_GCE_CHECK", "true");
  CHECK(contains(machine.failure(), "NO_GCE_CHECK is true"));
  CHECK(machine.transport->requests().size() == 3);
}

TEST_CASE("somebody else at the address of the metadata server is not believed",
          "[gcs][credentials]") {
  MetadataMachine machine;
  machine.token.headers.clear();
  CHECK(contains(machine.failure(), "it is not Google's"));
}

TEST_CASE("a machine without a service account is no error of its own", "[gcs][credentials]") {
  MetadataMachine machine;
  machine.token.status = 404;
  const std::string text = machine.failure();
  CHECK(contains(text, "the machine has no service account"));
  CHECK(contains(text, "GOOGLE_APPLICATION_CREDENTIALS (not set)"));
}

TEST_CASE("a metadata server that refuses is an error", "[gcs][credentials]") {
  MetadataMachine machine;
  machine.token.status = 403;
  machine.token.body = "Forbidden";
  CHECK(contains(machine.failure(),
                 "the metadata server 169.254.169.254 gives no access token: 403"));
}
