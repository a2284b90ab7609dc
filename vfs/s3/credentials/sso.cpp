// IAM Identity Center: the token that `aws sso login` has left, and the keys that it buys.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
#include <cstdio>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/credentials/places.hpp"

namespace cairn::vfs::s3 {
namespace {

using nlohmann::json;

constexpr std::chrono::minutes kAhead{5};
constexpr std::int64_t kLongest = 365 * 24 * 3600;  // seconds that a token may live

std::string login_hint(const Sso& sso) {
  return fmt::format("run: aws sso login --profile {}", sso.profile);
}

std::string token_path(const CredentialInputs& inputs, const Sso& sso) {
  const std::string& name = sso.session.empty() ? sso.start_url : sso.session;
  return fmt::format("{}/.aws/sso/cache/{}.json", home_folder(inputs.variables),
                     crypto::hex(crypto::sha1(as_bytes(name))));
}

/// Replaced as a whole: AWS's tools read the same file.
void store(const std::string& path, const json& token) {
  const std::string temporary = fmt::format("{}.{}", path, getpid());
  const std::string text = token.dump(2);
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return;  // the new token serves this process, the next one asks again
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) unlink(temporary.c_str());
}

/// A new access token for one that has run out, if the login allows it.
std::optional<json> refresh(const CredentialInputs& inputs, const Sso& sso, json token) {
  const json body{{"clientId", net::json_text(token, "clientId")},
                  {"clientSecret", net::json_text(token, "clientSecret")},
                  {"grantType", "refresh_token"},
                  {"refreshToken", net::json_text(token, "refreshToken")}};
  for (const json& member : body) {
    if (member.get<std::string>().empty()) return {};
  }
  net::Question question{
      .operation = "sso_refresh",
      .request = {.method = "POST", .has_body = true},
      .url = service_endpoint(inputs, "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc", "oidc", sso.region) +
             "/token",
      .answer = net::AnswerForm::json};
  const auto text = std::make_shared<const std::string>(body.dump());
  question.request.headers.set("content-type", "application/json");
  question.request.body.append(as_bytes(*text), text);
  const net::Outcome outcome = ask(inputs, std::move(question));
  const auto answer = outcome.ok() ? net::parse_json_object(outcome.response.body) : std::nullopt;
  if (!answer || net::json_text(*answer, "accessToken").empty()) return {};
  token["accessToken"] = net::json_text(*answer, "accessToken");
  const std::chrono::seconds lifetime{net::json_number(*answer, "expiresIn", kLongest).value_or(0)};
  token["expiresAt"] = net::format_iso8601(inputs.services.clock->now() + lifetime);
  if (const auto next = net::json_text(*answer, "refreshToken"); !next.empty()) {
    token["refreshToken"] = next;
  }
  return token;
}

/// The access token of the login, renewed if it has to be.
Secret access_token(const CredentialInputs& inputs, const Sso& sso) {
  const std::string path = token_path(inputs, sso);
  const auto text = net::read_small_file(path);
  auto token = text ? net::parse_json_object(*text) : std::nullopt;
  if (!token || net::json_text(*token, "accessToken").empty()) {
    throw CredentialError(
        fmt::format("nobody has logged in to {}: there is no token in {}", sso.start_url, path),
        login_hint(sso));
  }
  const auto expires = net::parse_iso8601(net::json_text(*token, "expiresAt"));
  const TimePoint now = inputs.services.clock->now();
  if (expires && *expires > now + kAhead) return net::json_text(*token, "accessToken");
  if (auto renewed = refresh(inputs, sso, *token)) {
    store(path, *renewed);
    return net::json_text(*renewed, "accessToken");
  }
  if (expires && *expires > now) return net::json_text(*token, "accessToken");
  throw CredentialError(fmt::format("the login to {} has expired", sso.start_url), login_hint(sso));
}

}  // namespace

Credentials from_sso(CredentialInputs& inputs, const Sso& sso) {
  const Secret token = access_token(inputs, sso);
  net::Question question{
      .operation = "sso_credentials",
      .url = fmt::format(
          "{}/federation/credentials?role_name={}&account_id={}",
          service_endpoint(inputs, "AWS_ENDPOINT_URL_SSO", "sso", "portal.sso", sso.region),
          net::percent_encode(sso.role_name), net::percent_encode(sso.account_id)),
      .answer = net::AnswerForm::json};
  question.request.headers.set("x-amz-sso_bearer_token", token.reveal());
  const net::Outcome outcome = ask(inputs, std::move(question));
  if (!outcome.ok()) {
    throw CredentialError(
        fmt::format("the login to {} gives no credentials for the role {} of account {}: {}",
                    sso.start_url, sso.role_name, sso.account_id, net::describe(outcome)),
        hint_of(outcome, login_hint(sso)));
  }
  const auto answer = net::parse_json_object(outcome.response.body);
  if (!answer || !answer->contains("roleCredentials")) {
    throw CredentialError(fmt::format("the answer of {} holds no credentials", sso.start_url));
  }
  return parse_credentials(answer->at("roleCredentials").dump(),
                           {.id = "accessKeyId",
                            .secret = "secretAccessKey",
                            .token = "sessionToken",
                            .expires = "expiration"},
                           "IAM Identity Center");
}

}  // namespace cairn::vfs::s3
