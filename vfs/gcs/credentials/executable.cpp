// A program that gives the token of another identity provider.
// https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers
// (executable-sourced credentials) and https://google.aip.dev/auth/4117
#include <algorithm>

#include <fmt/format.h>

#include "vfs/base/subprocess.hpp"
#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/json.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::CredentialError;
using std::chrono::milliseconds;
using End = SubprocessResult::End;

constexpr milliseconds kUsual{30'000};
constexpr milliseconds kShortest{5'000};
constexpr milliseconds kLongest{120'000};
constexpr std::int64_t kLastSecond = 4'102'444'800;  // 2100

milliseconds patience_of(const Document& executable) {
  if (!executable.has("timeout_millis")) return kUsual;
  const auto number = net::json_number(executable.json, "timeout_millis", kLongest.count());
  if (!number || milliseconds{*number} < kShortest) {
    throw CredentialError(
        fmt::format("the \"timeout_millis\" of {} is not 5000 to 120000", executable.place));
  }
  return milliseconds{*number};
}

/// What the program wrote, or what its cache holds.
struct Answer {
  Secret token{};
  std::string failure{};  ///< empty: there is a token
  bool dated{false};      ///< it says when the token ends
};

std::string why(const nlohmann::json& answer) {
  const std::string code = net::json_text(answer, "code");
  const std::string message = net::json_text(answer, "message");
  return fmt::format("it says that it failed: {}{}{}", code, code.empty() ? "" : ": ", message);
}

Answer parse(const CredentialInputs& inputs, std::string_view text) {
  const auto answer = net::parse_json_object(text);
  if (!answer) return {.failure = "it gave no JSON object"};
  if (net::json_number(*answer, "version", 1) != 1) {
    return {.failure = "it gave JSON without \"version\": 1"};
  }
  const auto success = answer->find("success");
  if (success == answer->end() || !success->is_boolean()) {
    return {.failure = "it gave JSON without \"success\""};
  }
  if (!success->get<bool>()) return {.failure = why(*answer)};
  const auto ends = net::json_number(*answer, "expiration_time", kLastSecond);
  if (ends && TimePoint{std::chrono::seconds{*ends}} <= inputs.now()) {
    return {.failure = "it gave a token that has expired"};
  }
  const std::string type = net::json_text(*answer, "token_type");
  const bool saml = type == "urn:ietf:params:oauth:token-type:saml2";
  if (!saml && type != "urn:ietf:params:oauth:token-type:jwt" &&
      type != "urn:ietf:params:oauth:token-type:id_token") {
    return {.failure = "it gave a token of an unknown type"};
  }
  const char* name = saml ? "saml_response" : "id_token";
  Answer result{.token = net::json_text(*answer, name), .dated = ends.has_value()};
  if (result.token.empty()) result.failure = fmt::format("it gave no \"{}\"", name);
  return result;
}

std::vector<std::string> variables_of(const Document& account, const std::string& output_file) {
  std::vector<std::string> variables{
      "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=" + account.text("audience"),
      "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=" + account.text("subject_token_type"),
      "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0", "GOOGLE_EXTERNAL_ACCOUNT_REVOKE=0"};
  const std::string impersonated =
      account_of({.url = account.text("service_account_impersonation_url")});
  if (!impersonated.empty()) {
    variables.push_back("GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL=" + impersonated);
  }
  if (!output_file.empty()) {
    variables.push_back("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=" + output_file);
  }
  return variables;
}

std::string describe_end(const SubprocessResult& result) {
  switch (result.end) {
    case End::exited:
      return fmt::format("it ended with status {}", result.code);
    case End::signalled:
      return fmt::format("signal {} ended it", result.code);
    case End::timed_out:
      return "it did not end in time (\"timeout_millis\")";
    case End::too_much_output:
      return "it wrote more than 64 KiB";
    case End::stopped:
      return "cancelled";
    case End::not_started:
      return fmt::format("it could not be started (error {})", result.code);
  }
  return {};
}

/// Ends early if the caller has no more time or is stopped, which is a TransportError.
SubprocessResult run(const CredentialInputs& inputs, const std::vector<std::string>& argv,
                     std::vector<std::string> variables, milliseconds patience) {
  milliseconds time = patience;
  if (inputs.call.deadline) {
    const auto left = *inputs.call.deadline - inputs.services.clock->steady_now();
    time = std::min(time, std::chrono::duration_cast<milliseconds>(left));
  }
  SubprocessResult result = run_subprocess(
      argv, {.time = time, .stop = inputs.call.stop, .variables = std::move(variables)});
  if (result.end == End::stopped) {
    throw net::TransportError(net::TransportFailure::cancelled, "cancelled");
  }
  if (result.end == End::timed_out && time < patience) {
    throw net::TransportError(net::TransportFailure::deadline,
                              "the deadline has passed while a program was asked for a token");
  }
  return result;
}

}  // namespace

Secret executable_token(const CredentialInputs& inputs, const Document& account,
                        const Document& executable) {
  const std::string command = executable.require("command");
  const auto argv = split_words(command);
  if (!argv || argv->empty()) {
    throw CredentialError(fmt::format("the \"command\" of {} is no command", executable.place),
                          "are its quotes closed?");
  }
  const std::string place = fmt::format("the program {} of {}", argv->front(), executable.place);
  if (inputs.variables.find("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES") != "1") {
    throw CredentialError(fmt::format("{} may not be run", place),
                          "if you trust it: GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1");
  }
  const std::string output_file = executable.text("output_file");
  if (!output_file.empty()) {
    const auto text = net::read_small_file(output_file);
    Answer cached = parse(inputs, text.value_or(""));
    if (cached.failure.empty() && cached.dated) return std::move(cached.token);
  }
  const SubprocessResult result =
      run(inputs, *argv, variables_of(account, output_file), patience_of(executable));
  Answer answer{.failure = describe_end(result)};
  if (result.end == End::exited && result.code == 0) {
    const bool silent = result.output.empty() && !output_file.empty();
    answer = parse(inputs, silent ? net::read_small_file(output_file).value_or("") : result.output);
  }
  if (answer.failure.empty()) return std::move(answer.token);
  throw CredentialError(fmt::format("{} gives no token: {}", place, answer.failure),
                        "run it by hand to see why");
}

}  // namespace cairn::vfs::gcs
