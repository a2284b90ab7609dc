#include "tests/unit/vfs/gcs/credentials/machine.hpp"
#include "vfs/crypto/rsa.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using nlohmann::json;
using test::contains;
using test::GoogleMachine;
using test::KeyForm;
using test::rsa_key_pair;

namespace {

json with_key(const std::string& pem) {
  json document = test::service_account();
  document["private_key"] = pem;
  return document;
}

}  // namespace

TEST_CASE("a service account's key signs its own token, without a request", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(with_key(rsa_key_pair().pem(GENERATE(KeyForm::pkcs8, KeyForm::pkcs1))));

  const auto found = machine.find();

  // https://google.aip.dev/auth/4111: iss and sub are the account, a scope stands for the audience.
  const test::Jwt token = test::verify_jwt(found.token.reveal());
  CHECK(token.header == json{{"alg", "RS256"}, {"kid", "17"}, {"typ", "JWT"}});
  CHECK(token.claims == json{{"iss", "me@p.iam.gserviceaccount.com"},
                             {"sub", "me@p.iam.gserviceaccount.com"},
                             {"scope", "https://www.googleapis.com/auth/devstorage.read_write"},
                             {"iat", 1'770'854'400},
                             {"exp", 1'770'858'000}});
  CHECK(*found.expires - machine.clock->now() == 1h);
  CHECK(found.account == "me@p.iam.gserviceaccount.com");
  CHECK(found.key != nullptr);
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("a service account's key buys a token where that is asked for", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(test::service_account());
  machine.answer("", test::token_answer("bought", 1800));

  const auto found = machine.find({.exchange_key = true});

  CHECK(found.token.reveal() == "bought");
  CHECK(*found.expires - machine.clock->now() == 30min);
  const auto request = machine.transport->requests().at(0);
  CHECK(request.url == "https://oauth2.googleapis.com/token");
  auto form = test::posted_form(request);
  CHECK(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer");
  // https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
  const test::Jwt assertion = test::verify_jwt(form["assertion"]);
  CHECK(assertion.claims == json{{"iss", "me@p.iam.gserviceaccount.com"},
                                 {"scope", "https://www.googleapis.com/auth/devstorage.read_write"},
                                 {"aud", "https://oauth2.googleapis.com/token"},
                                 {"iat", 1'770'854'400},
                                 {"exp", 1'770'858'000}});
}

TEST_CASE("a key that Google does not know any longer is an error that says what to do",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const std::string path = machine.credentials(test::service_account());
  machine.answer("", test::refusal("invalid_grant", "Invalid JWT Signature."));

  const std::string text = machine.failure({.exchange_key = true});

  CHECK(contains(text, "the key of me@p.iam.gserviceaccount.com in " + path));
  CHECK(contains(text, "400 invalid_grant: Invalid JWT Signature."));
  CHECK(contains(text, "was the key deleted"));
}

TEST_CASE("a file without a private RSA key is an error that names the file and what is wrong",
          "[gcs][credentials]") {
  GoogleMachine machine;
  const auto failure = [&](const json& document) {
    const std::string path = machine.credentials(document);
    const std::string text = machine.failure();
    CHECK(contains(text, path));
    return text;
  };
  json without = test::service_account();
  without.erase("private_key");
  CHECK(contains(failure(without), "has no \"private_key\""));
  CHECK(contains(failure(with_key(rsa_key_pair().pem(KeyForm::public_only))), "is a public key"));
  CHECK(contains(failure(with_key(rsa_key_pair().pem(KeyForm::encrypted))), "passphrase"));
  CHECK(contains(failure(with_key(test::elliptic_key_pem())), "is not RSA"));
  CHECK(contains(failure(with_key("AIzaKey")), "is no PEM text"));
  without = test::service_account();
  without.erase("client_email");
  CHECK(contains(failure(without), "has no \"client_email\""));
  CHECK(machine.transport->requests().empty());
}

TEST_CASE("the domain of another universe is told, and has to be a domain", "[gcs][credentials]") {
  GoogleMachine machine;
  json document = test::service_account();
  document["universe_domain"] = "example.goog";
  machine.credentials(document);
  CHECK(machine.find().universe == "example.goog");
  document["universe_domain"] = "evil.example/?";
  machine.credentials(document);
  CHECK(contains(machine.failure(), "\"universe_domain\" that is no domain"));
}

TEST_CASE("a token is not bought over plain http from strangers", "[gcs][credentials]") {
  GoogleMachine machine;
  json document = test::service_account();
  document["token_uri"] = "http://192.0.2.1/token";
  machine.credentials(document);
  machine.answer("", test::token_answer("t"));
  CHECK(contains(machine.failure({.exchange_key = true}), "unencrypted at http://192.0.2.1/token"));
  CHECK(machine.transport->requests().empty());
}
