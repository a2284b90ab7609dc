#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using nlohmann::json;
using test::contains;
using test::GoogleMachine;

namespace {

/// An answer as https://google.aip.dev/auth/4117 describes it.
json answer(const std::string& token) {
  return {{"version", 1},
          {"success", true},
          {"token_type", "urn:ietf:params:oauth:token-type:id_token"},
          {"id_token", token},
          {"expiration_time", 1'770'854'400 + 60}};
}

/// An external account whose program is a script with these lines.
void add_program(GoogleMachine& machine, const std::string& lines, json executable = {}) {
  const std::string script = machine.file("give token", "#!/bin/sh\n" + lines, 0700);
  executable["command"] = "'" + script + "' 'two words' $HOME";
  machine.credentials({{"type", "external_account"},
                       {"audience", "//iam.googleapis.com/a"},
                       {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
                       {"service_account_impersonation_url",
                        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                        "me@p:generateAccessToken"},
                       {"credential_source", {{"executable", executable}}}});
  machine.set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
}

void add_services(GoogleMachine& machine) {
  machine.answer("sts.googleapis.com", test::token_answer("federated"));
  machine.answer("iamcredentials",
                 {.body = R"({"accessToken":"acting","expireTime":"2026-02-12T01:00:00Z"})"});
}

std::string subject_of(const GoogleMachine& machine) {
  return test::posted_form(machine.transport->requests().at(0))["subject_token"];
}

std::string echo(const json& document) {
  return "echo '" + document.dump() + "'\n";
}

}  // namespace

TEST_CASE("a program gives the token of an external account; no shell sees its arguments",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string seen = machine.file("seen", "");
  add_program(machine,
              "printf '%s|' \"$@\" $GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE "
              "$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE $GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE "
              "$GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL > '" +
                  seen + "'\n" + echo(answer("subject")));
  add_services(machine);

  CHECK(machine.find().token.reveal() == "acting");

  CHECK(subject_of(machine) == "subject");
  std::ifstream file(seen);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text ==
        "two words|$HOME|//iam.googleapis.com/a|urn:ietf:params:oauth:token-type:id_token|0|me@p|");
}

TEST_CASE("a program is not run unless the environment allows it", "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string seen = machine.file("seen", "");
  add_program(machine, "echo x > '" + seen + "'\n");
  machine.set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "0");
  CHECK(contains(machine.failure(), "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"));
  CHECK(std::filesystem::file_size(seen) == 0);
}

TEST_CASE("a token that a program has left is used until it ends", "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string cache = machine.file("cache", answer("cached").dump());
  add_program(machine, echo(answer("fresh")), {{"output_file", cache}});
  add_services(machine);
  SECTION("while it is good") {
    CHECK(machine.find().token.reveal() == "acting");
    CHECK(subject_of(machine) == "cached");
  }
  SECTION("not if it has ended") {
    machine.clock->sleep(60s, {});
    json later = answer("fresh");
    later["expiration_time"] = 1'770'860'000;
    add_program(machine, echo(later), {{"output_file", cache}});
    CHECK(machine.find().token.reveal() == "acting");
    CHECK(subject_of(machine) == "fresh");
  }
  SECTION("not if nobody knows when it ends") {
    json endless = answer("cached");
    endless.erase("expiration_time");
    machine.file("cache", endless.dump());
    CHECK(machine.find().token.reveal() == "acting");
    CHECK(subject_of(machine) == "fresh");
  }
}

TEST_CASE("a program may write its answer to the file alone", "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string cache = machine.file("cache", "");
  add_program(machine,
              "echo '" + answer("filed").dump() + "' > \"$GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE\"\n",
              {{"output_file", cache}});
  add_services(machine);
  CHECK(machine.find().token.reveal() == "acting");
  CHECK(subject_of(machine) == "filed");
}

TEST_CASE("an answer of SAML is taken, too", "[gcs][credentials]") {
  GoogleMachine machine;
  json saml = answer("");
  saml["token_type"] = "urn:ietf:params:oauth:token-type:saml2";
  saml["saml_response"] = "assertion";
  add_program(machine, echo(saml));
  add_services(machine);
  CHECK(machine.find().token.reveal() == "acting");
  CHECK(subject_of(machine) == "assertion");
}

TEST_CASE("what a program gives has to be an answer of version 1", "[gcs][credentials]") {
  GoogleMachine machine;
  const auto failure = [&](json document, const char* name, const json& value) {
    document[name] = value;
    add_program(machine, echo(document));
    return machine.failure();
  };
  CHECK(contains(failure(answer("t"), "version", 2), "without \"version\": 1"));
  CHECK(contains(failure(answer("t"), "success", "yes"), "without \"success\""));
  CHECK(contains(failure(answer("t"), "expiration_time", 1), "has expired"));
  CHECK(contains(failure(answer("t"), "token_type", "magic"), "of an unknown type"));
  CHECK(contains(failure(answer("t"), "id_token", 1), "no \"id_token\""));
  CHECK(
      contains(failure({{"version", 1}, {"code", "401"}, {"message", "log in"}}, "success", false),
               "it says that it failed: 401: log in"));
  add_program(machine, "echo no\n");
  CHECK(contains(machine.failure(), "it gave no JSON object"));
  add_program(machine, "exit 3\n");
  CHECK(contains(machine.failure(), "it ended with status 3"));
  add_program(machine, "", {{"timeout_millis", 10}});
  CHECK(contains(machine.failure(), "is not 5000 to 120000"));
}

TEST_CASE("a program that gives a token is ended when its caller's time is over",
          "[gcs][credentials]") {
  GoogleMachine machine;
  add_program(machine, "sleep 60\n");
  const vfs::CallOptions call{.deadline = machine.clock->steady_now() + 50ms};
  try {
    static_cast<void>(vfs::gcs::find_credentials(machine.services(), call));
    FAIL("no error");
  } catch (const vfs::net::TransportError& error) {
    CHECK(error.failure() == vfs::net::TransportFailure::deadline);
  }
}
