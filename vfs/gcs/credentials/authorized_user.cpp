// Users who have logged in: a refresh token buys access tokens.
// https://developers.google.com/identity/protocols/oauth2/web-server#offline and, for users of a
// workforce pool, https://cloud.google.com/iam/docs/workforce-sign-in-using-browser
#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"

namespace cairn::vfs::gcs {
namespace {

Expectation expectation(const Document& document) {
  return {
      .what = fmt::format("the login of {}", document.place),
      .hint = "it may have run out or been revoked; run: gcloud auth application-default login"};
}

}  // namespace

Credentials from_authorized_user(const CredentialInputs& inputs, const Document& document) {
  net::Question question{
      .operation = "refresh_token",
      .request = net::form_request({{"grant_type", "refresh_token"},
                                    {"refresh_token", document.require("refresh_token")},
                                    {"client_id", document.require("client_id")},
                                    {"client_secret", document.require("client_secret")}}),
      .url = document.service_url(inputs, "token_uri", "https://oauth2.googleapis.com/token")};
  return parse_token(inputs, ask_for_json(inputs, std::move(question)), expectation(document));
}

Credentials from_external_account_user(const CredentialInputs& inputs, const Document& document) {
  net::Question question{
      .operation = "refresh_token",
      .request = net::form_request(
          {{"grant_type", "refresh_token"}, {"refresh_token", document.require("refresh_token")}}),
      .url = document.service_url(
          inputs, "token_url", fmt::format("https://sts.{}/v1/oauthtoken", document.universe()))};
  question.request.headers.set(
      "authorization",
      basic_authorization(document.require("client_id"), document.require("client_secret")));
  return parse_token(inputs, ask_for_json(inputs, std::move(question)), expectation(document));
}

}  // namespace cairn::vfs::gcs
