// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and …WithWebIdentity
#include <fmt/format.h>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"
#include "vfs/s3/credentials/places.hpp"
#include "vfs/s3/sign.hpp"

namespace cairn::vfs::s3 {
namespace {

net::Form role_form(const char* action, const Role& role, const Services& services) {
  std::string session = role.session_name;
  if (session.empty()) {
    const auto now = services.clock->now().time_since_epoch();
    session =
        fmt::format("cairn-{}", std::chrono::duration_cast<std::chrono::seconds>(now).count());
  }
  return {{"Action", action},
          {"Version", "2011-06-15"},
          {"RoleArn", role.arn},
          {"RoleSessionName", session},
          {"DurationSeconds", role.duration_seconds},
          {"ExternalId", role.external_id}};
}

/// Sends it and reads <Action>Result/Credentials.
Credentials request_credentials(const CredentialInputs& inputs, net::Question question,
                                const Role& role, const char* result_name) {
  question.answer = net::AnswerForm::xml;
  const net::Outcome outcome = ask(inputs, std::move(question));
  if (!outcome.ok()) {
    throw CredentialError(
        fmt::format("the role {} could not be assumed: {}", role.arn, net::describe(outcome)),
        hint_of(outcome,
                "may these credentials assume it? Its trust policy decides, and external_id if it "
                "wants one"));
  }
  const auto document = net::XmlDocument::parse(outcome.response.body);
  const pugi::xml_node node =
      document ? document->root().child(result_name).child("Credentials") : pugi::xml_node{};
  Credentials credentials{
      .access_key_id = std::string(net::child_text(node, "AccessKeyId")),
      .secret_access_key = std::string(net::child_text(node, "SecretAccessKey")),
      .session_token = std::string(net::child_text(node, "SessionToken")),
      .expires = net::parse_iso8601(net::child_text(node, "Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      !credentials.expires) {
    throw CredentialError(
        fmt::format("the answer of STS for the role {} holds no credentials", role.arn));
  }
  return credentials;
}

}  // namespace

Credentials assume_role(CredentialInputs& inputs, const std::string& profile, const Role& role,
                        const Credentials& source) {
  const std::string region = region_of(inputs, profile);
  net::Question question{
      .operation = "assume_role",
      .request = net::form_request(role_form("AssumeRole", role, inputs.services)),
      .url = service_endpoint(inputs, "AWS_ENDPOINT_URL_STS", "sts", "sts", region) + "/"};
  question.sign = [region, source](net::Request& request, TimePoint now) {
    Signer("sts").sign(request, source, region, now, crypto::hex(crypto::sha256(request.body)));
  };
  return request_credentials(inputs, std::move(question), role, "AssumeRoleResult");
}

Credentials assume_role_with_web_identity(CredentialInputs& inputs, const std::string& profile,
                                          const Role& role, const std::string& token_file) {
  const auto token = net::read_small_file(token_file);
  if (!token || net::trim(*token).empty()) {
    throw CredentialError(
        fmt::format("the web identity token file {} can't be read or is empty", token_file),
        "it comes from AWS_WEB_IDENTITY_TOKEN_FILE or the profile");
  }
  net::Form form = role_form("AssumeRoleWithWebIdentity", role, inputs.services);
  std::string_view text = net::trim(*token);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  form.emplace_back("WebIdentityToken", std::string(text));
  const std::string region = region_of(inputs, profile);
  net::Question question{
      .operation = "assume_role_with_web_identity",
      .request = net::form_request(form),
      .url = service_endpoint(inputs, "AWS_ENDPOINT_URL_STS", "sts", "sts", region) + "/"};
  return request_credentials(inputs, std::move(question), role, "AssumeRoleWithWebIdentityResult");
}

Found from_web_identity_environment(CredentialInputs& inputs) {
  const auto file = inputs.variables.find("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto arn = inputs.variables.find("AWS_ROLE_ARN");
  if (!file) return inputs.note("web identity (AWS_WEB_IDENTITY_TOKEN_FILE not set)");
  if (!arn) {
    throw CredentialError("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not",
                          "set both, or neither");
  }
  const Role role{
      .arn = *arn,
      .session_name = inputs.variables.find("AWS_ROLE_SESSION_NAME").value_or(std::string{})};
  return assume_role_with_web_identity(inputs, inputs.files.profile, role, *file);
}

}  // namespace cairn::vfs::s3
