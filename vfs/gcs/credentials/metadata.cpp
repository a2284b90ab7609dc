// The metadata server of Compute Engine, GKE and Cloud Run.
// https://cloud.google.com/compute/docs/metadata/querying-metadata
#include <algorithm>

#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr const char* kAccount = "/computeMetadata/v1/instance/service-accounts/default/";

/// By its address: its name would have to be looked up where nobody knows it.
std::string address(const CredentialInputs& inputs) {
  return inputs.variables.first_of({"GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP"})
      .value_or("169.254.169.254");
}

std::uint64_t number(const CredentialInputs& inputs, std::string_view variable) {
  const auto text = inputs.variables.find(variable);
  const auto value = text ? net::parse_number(*text) : std::nullopt;
  return std::clamp<std::uint64_t>(value.value_or(3), 1, 60);
}

net::Outcome get(const CredentialInputs& inputs, const char* what, net::AnswerForm answer) {
  net::Question question{
      .operation = "metadata",
      .url = fmt::format("http://{}{}{}", address(inputs), kAccount, what),
      .timeout = std::chrono::seconds{number(inputs, "GCE_METADATA_TIMEOUT")},
      .attempts = static_cast<int>(number(inputs, "GCE_METADATA_DETECT_RETRIES")),
      .answer = answer};
  question.request.headers.set("metadata-flavor", "Google");
  return ask(inputs, std::move(question));
}

/// Anybody may answer at that address where there is no such server.
bool is_google(const net::Outcome& outcome) {
  return outcome.response.headers.get("metadata-flavor") == "Google";
}

}  // namespace

Found from_metadata(CredentialInputs& inputs) {
  if (inputs.variables.find("NO_GCE_CHECK") == "true") {
    return inputs.note("the metadata server (NO_GCE_CHECK is true)");
  }
  const net::Outcome outcome = get(inputs, "token", net::AnswerForm::json);
  const std::string place = "the metadata server " + address(inputs);
  if (outcome.failure) return inputs.note(fmt::format("{} (no answer)", place));
  if (!is_google(outcome)) return inputs.note(fmt::format("{} (it is not Google's)", place));
  if (outcome.response.status == 404) {
    return inputs.note(fmt::format("{} (the machine has no service account)", place));
  }
  Credentials credentials = parse_token(inputs, outcome,
                                        {.what = place,
                                         .hint = "has the machine a service account with access to "
                                                 "Cloud Storage?"});
  credentials.kind = "metadata";
  return credentials;
}

std::string metadata_account(const CredentialInputs& inputs) {
  const net::Outcome outcome = get(inputs, "email", net::AnswerForm::any);
  const std::string account(net::trim(outcome.response.body));
  if (outcome.ok() && is_google(outcome) && account.find('@') != account.npos) return account;
  throw net::CredentialError(
      fmt::format("the metadata server {} does not say whose token it gives", address(inputs)));
}

}  // namespace cairn::vfs::gcs
