// A machine with Google's files, and what it takes to look at what services are sent.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/rsa_key.hpp"
#include "tests/support/scripted_machine.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/gcs/credentials.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::test {

class GoogleMachine : public ScriptedMachine {
 public:
  GoogleMachine() { set("NO_GCE_CHECK", "true"); }

  /// A file that GOOGLE_APPLICATION_CREDENTIALS names. Returns its path.
  std::string credentials(const nlohmann::json& document) {
    const std::string path = file("credentials.json", document.dump());
    set("GOOGLE_APPLICATION_CREDENTIALS", path);
    return path;
  }

  [[nodiscard]] vfs::Services services(vfs::GcsOptions options = {}) {
    return ScriptedMachine::services({.gcs = std::move(options)});
  }
  vfs::gcs::Credentials find(vfs::GcsOptions options = {}) {
    return vfs::gcs::find_credentials(services(std::move(options)), {});
  }
  /// What is thrown, and its hint.
  std::string failure(vfs::GcsOptions options = {}) {
    try {
      static_cast<void>(find(std::move(options)));
    } catch (const vfs::net::CredentialError& error) {
      return std::string(error.what()) + " | " + error.hint();
    }
    FAIL("it found some");
    return {};
  }
};

/// As the console gives it.
inline nlohmann::json service_account() {
  return {{"type", "service_account"},
          {"project_id", "p"},
          {"private_key_id", "17"},
          {"private_key", rsa_key_pair().pem()},
          {"client_email", "me@p.iam.gserviceaccount.com"},
          {"token_uri", "https://oauth2.googleapis.com/token"},
          {"universe_domain", "googleapis.com"}};
}

/// As `gcloud auth application-default login` leaves it.
inline nlohmann::json authorized_user() {
  return {{"type", "authorized_user"},
          {"client_id", "id.apps.googleusercontent.com"},
          {"client_secret", "client&secret"},
          {"refresh_token", "1//refresh"},
          {"quota_project_id", "billed"}};
}

/// The parts of a token of RFC 7519, after its signature was verified with the public key.
struct Jwt {
  nlohmann::json header{};
  nlohmann::json claims{};
};
inline Jwt verify_jwt(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  REQUIRE(first != last);
  REQUIRE(
      rsa_key_pair().verifies(token.substr(0, last), decode_base64_url(token.substr(last + 1))));
  return {.header = nlohmann::json::parse(decode_base64_url(token.substr(0, first))),
          .claims =
              nlohmann::json::parse(decode_base64_url(token.substr(first + 1, last - first - 1)))};
}

/// "%2F" is "/": RFC 3986 section 2.1.
inline std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    result += escape ? static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16))
                     : text[i];
    if (escape) i += 2;
  }
  return result;
}

/// The body of a request, which has to be a form.
inline std::map<std::string, std::string> posted_form(const vfs::net::Request& request) {
  CHECK(request.method == "POST");
  CHECK(contains(request.headers.get("content-type"), "application/x-www-form-urlencoded"));
  std::map<std::string, std::string> fields;
  std::string body = text_of(request.body);
  while (!body.empty()) {
    const std::string field = body.substr(0, body.find('&'));
    const std::size_t equals = field.find('=');
    fields[percent_decoded(field.substr(0, equals))] = percent_decoded(field.substr(equals + 1));
    body.erase(0, field.size() + 1);
  }
  return fields;
}

/// RFC 6749 section 5.1.
inline Answer token_answer(const std::string& token, int seconds = 3600) {
  return {
      .body =
          nlohmann::json{{"access_token", token}, {"expires_in", seconds}, {"token_type", "Bearer"}}
              .dump()};
}

/// RFC 6749 section 5.2.
inline Answer refusal(const std::string& code, const std::string& why) {
  return {.status = 400,
          .body = nlohmann::json{{"error", code}, {"error_description", why}}.dump()};
}

}  // namespace cairn::test
