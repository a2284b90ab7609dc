// Who is refused by a server of Azure, or does not get as far: keys, tokens and shared access
// signatures that are not good, connection strings and names that can't be. Other stores have
// nothing to show here.
#include <chrono>
#include <string>
#include <utility>

#include "tests/conformance/refused.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;
using namespace std::chrono_literals;

namespace {

/// Of the server under test, without anything that says who we are.
AzureOptions of_server() {
  return {.account = connection_part("AccountName"),
          .endpoint_url = connection_part("BlobEndpoint")};
}

Config with_key(Secret key) {
  Config config{.azure = of_server()};
  config.azure.account_key = std::move(key);
  return config;
}

Config with_token(Secret token) {
  Config config{.azure = of_server()};
  config.azure.token = std::move(token);
  return config;
}

Config with_sas(Secret sas) {
  Config config{.azure = of_server()};
  config.azure.sas_token = std::move(sas);
  return config;
}

Config with_connection_string(Secret text) {
  return {.azure = {.connection_string = std::move(text)}};
}

/// For "k" alone, as one is given away.
std::string sas_of(const Place& place, const SignOptions& options = {}) {
  const Secret url = place.files.sign("k", options);
  return url.reveal().substr(url.reveal().find('?') + 1);
}

/// What is secret in a SAS.
std::string signature_in(const std::string& sas) {
  const std::size_t at = ("&" + sas).find("&sig=");
  REQUIRE(at != std::string::npos);
  const std::string value = sas.substr(at + 4);
  return value.substr(0, value.find('&'));
}

/// Azure says of who is not known that, and of who may not do something that.
ErrorCode not_known() {
  return server_has(Fault::refusals_alike) ? ErrorCode::permission_denied
                                           : ErrorCode::unauthenticated;
}

void check_sas_error(const Error& error, ErrorCode code, const std::string& hint,
                     const std::string& sas) {
  check_error(error, code, hint);
  CHECK_FALSE(contains(error.what(), "sig="));
  CHECK_FALSE(contains(error.what(), signature_in(sas)));
}

}  // namespace

TEST_CASE("a key of another account is told", "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  const std::string other = std::string(86, 'A') + "==";

  const Error error = error_of(place.url, with_key(other));

  check_error(error, not_known(), "key");
  CHECK_FALSE(contains(error.what(), other));
}

TEST_CASE("a token that the server does not take is told", "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  const std::string token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.";

  const Error error = error_of(place.url, with_token(token));

  check_error(error, not_known(), "token");
  CHECK_FALSE(contains(error.what(), token));
}

TEST_CASE("a SAS that may read does so, and is told the permission that it lacks to write",
          "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  place.files.write("k", "x");
  const std::string sas = sas_of(place);
  const FileSystem files = FileSystem::open(place.url, with_sas(sas));

  CHECK(files.read_text("k") == "x");
  check_sas_error(cairn::test::error_of([&] { files.write("k", "y"); }),
                  ErrorCode::permission_denied, "the SAS a permission", sas);
  check_sas_error(cairn::test::error_of([&] { files.remove("k"); }), ErrorCode::permission_denied,
                  "the SAS a permission", sas);
  CHECK(place.files.read_text("k") == "x");
}

TEST_CASE("a SAS that may write is told the permission that it lacks to read",
          "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  const std::string sas = sas_of(place, {.method = SignMethod::put});

  FileSystem::open(place.url, with_sas(sas)).write("k", "x");
  check_sas_error(error_of(place.url, with_sas(sas)), ErrorCode::permission_denied,
                  "the SAS a permission", sas);
  CHECK(place.files.read_text("k") == "x");
}

TEST_CASE("a SAS that has run out is told", "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  place.files.write("k", "x");
  const TimePoint before = std::chrono::system_clock::now() - 2h;
  const std::string sas = sas_of(place, {.expires = 1h, .signed_at = before});

  check_sas_error(error_of(place.url, with_sas(sas)), not_known(), "run out", sas);
}

TEST_CASE("a SAS of another container or another file is told", "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  place.files.write("other", "x");
  const std::string sas = sas_of(place);

  check_sas_error(error_of("az://cairn-other-container", with_sas(sas)), not_known(), "SAS", sas);
  const FileSystem files = FileSystem::open(place.url, with_sas(sas));
  check_sas_error(cairn::test::error_of([&] { static_cast<void>(files.read("other")); }),
                  not_known(), "SAS", sas);
}

TEST_CASE("a connection string that is not whole is told before anything is sent",
          "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  const std::string whole = variable("AZURE_STORAGE_CONNECTION_STRING");
  const std::string key = connection_part("AccountKey");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  struct Case {
    std::string text;
    std::string says;
  };
  for (const Case& c : {
           Case{whole.substr(0, whole.find(key)), "no value for AccountKey"},
           Case{with(key, key.substr(0, key.size() - 3)), "AccountKey that is no base64"},
           Case{with("AccountKey=", "AccoutKey="), "is AccountKey meant?"},
           Case{with("AccountKey=", ""), "unknown setting"},
           Case{with("AccountName=" + connection_part("AccountName"), "AccountName=Not_One"),
                "an AccountName that can't be one"},
           Case{with("BlobEndpoint=http", "BlobEndpoint=ftp"), "BlobEndpoint that is no"},
           Case{whole + "SharedAccessSignature=sv=2021-12-02&sig=" + key, "has both"},
           Case{whole + "AccountKey=" + key, "AccountKey twice"},
       }) {
    INFO(c.says);
    const Error error = error_of(place.url, with_connection_string(c.text));
    check_error(error, ErrorCode::invalid_argument, "");
    CHECK(error.details().operation == "open");
    CHECK_FALSE(error.details().hint.empty());
    CHECK(contains(error.what(), "the connection string"));
    CHECK(contains(error.what(), c.says));
    CHECK_FALSE(contains(error.what(), key.substr(0, key.size() - 3)));
  }
}

TEST_CASE("a container that can't have its name is told before anything is sent",
          "[conformance][refused][azure]") {
  const Place place;
  if (!is_at(place, "az")) return;
  for (const std::string& name : {std::string("ab"), std::string("Models"), std::string("a--b"),
                                  std::string("-abc"), std::string(64, 'a')}) {
    const Error error = error_of("az://" + name + "/run", {});
    check_error(error, ErrorCode::invalid_argument, "3 to 63 characters: lower-case letters");
    CHECK(contains(error.what(), "cannot open az://" + name));
  }
}
