// Credentials of the machine: the container's endpoint, and the instance's metadata service.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/credentials/places.hpp"

namespace cairn::vfs::s3 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kContainerTimeout{2000};
constexpr std::chrono::minutes kExtension{15};
constexpr JsonNames kMetadataNames{.token = "Token"};

/// Plain http is for the addresses that containers and this machine have, and no others.
bool may_be_asked(std::string_view url) {
  constexpr std::array<std::string_view, 3> kContainerHosts{"169.254.170.2", "169.254.170.23",
                                                            "[fd00:ec2::23]"};
  if (url.starts_with("https://")) return true;
  if (!url.starts_with("http://") || url.find('@') != url.npos) return false;
  const std::string_view host = net::host_of(url);
  return net::is_loopback(host) ||
         std::ranges::find(kContainerHosts, host) != kContainerHosts.end();
}

/// The header that the endpoint wants; from a file it is read anew each time.
std::string container_authorization(const CredentialInputs& inputs) {
  std::string token;
  if (const auto path = inputs.variables.find("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    const auto text = net::read_small_file(*path);
    if (!text) {
      throw CredentialError(fmt::format("{} can't be read", *path),
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names it");
    }
    token = *text;
  } else {
    token = inputs.variables.find("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(std::string{});
  }
  if (token.find_first_of("\r\n") != std::string::npos) {
    throw CredentialError("the container's authorization token holds a line break");
  }
  return token;
}

}  // namespace

Found from_container(CredentialInputs& inputs) {
  const auto relative = inputs.variables.find("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = inputs.variables.find("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) {
    return inputs.note("container (AWS_CONTAINER_CREDENTIALS_FULL_URI not set)");
  }
  const std::string url = relative ? "http://169.254.170.2" + *relative : *full;
  if (!may_be_asked(url)) {
    throw CredentialError(
        fmt::format("credentials are not asked for at {}", net::redact_url(url)),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is https, or http to the container's own addresses");
  }
  net::Question question{.operation = "container_credentials",
                         .url = url,
                         .timeout = kContainerTimeout,
                         .answer = net::AnswerForm::json};
  const std::string token = container_authorization(inputs);
  if (!token.empty()) question.request.headers.set("authorization", token);
  question.request.headers.set("accept", "application/json");
  const net::Outcome outcome = ask(inputs, std::move(question));
  if (!outcome.ok()) {
    throw CredentialError(fmt::format("the container's endpoint {} gave no credentials: {}",
                                      net::redact_url(url), net::describe(outcome)));
  }
  return parse_credentials(outcome.response.body, kMetadataNames, "the container's endpoint");
}

namespace {

std::string instance_endpoint(const CredentialInputs& inputs) {
  if (auto endpoint = inputs.variables.find("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    while (endpoint->ends_with('/')) endpoint->pop_back();
    return *endpoint;
  }
  const auto mode = inputs.variables.find("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  const bool ipv6 = mode && net::equal_ignoring_case(*mode, "ipv6");
  return ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

/// The metadata service, with the token of its version 2.
class Instance {
 public:
  explicit Instance(CredentialInputs& inputs) : inputs_(inputs), base_(instance_endpoint(inputs)) {}

  /// False: there is no such service here.
  [[nodiscard]] bool open() {
    net::Question question{.operation = "instance_token",
                           .request = {.method = "PUT", .has_body = true},
                           .url = base_ + "/latest/api/token",
                           .timeout = timeout(),
                           .attempts = attempts()};
    question.request.headers.set("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    const net::Outcome outcome = ask(inputs_, std::move(question));
    if (outcome.ok() && !outcome.response.body.empty()) {
      token_ = outcome.response.body;
      return true;
    }
    const bool first_version =
        outcome.error && (outcome.response.status == 403 || outcome.response.status == 404 ||
                          outcome.response.status == 405);
    const auto disabled = inputs_.variables.find("AWS_EC2_METADATA_V1_DISABLED");
    return first_version && disabled && net::equal_ignoring_case(*disabled, "false");
  }
  [[nodiscard]] net::Outcome get(const std::string& path, net::AnswerForm answer) {
    net::Question question{.operation = "instance_credentials",
                           .url = base_ + path,
                           .timeout = timeout(),
                           .attempts = attempts(),
                           .answer = answer};
    if (!token_.empty()) question.request.headers.set("x-aws-ec2-metadata-token", token_);
    return ask(inputs_, std::move(question));
  }

 private:
  [[nodiscard]] std::uint64_t number(std::string_view variable) const {
    const auto text = inputs_.variables.find(variable);
    const auto value = text ? net::parse_number(*text) : std::nullopt;
    return std::clamp<std::uint64_t>(value.value_or(1), 1, 10);
  }
  [[nodiscard]] int attempts() const {
    return static_cast<int>(number("AWS_METADATA_SERVICE_NUM_ATTEMPTS"));
  }
  [[nodiscard]] milliseconds timeout() const {
    return std::chrono::seconds{number("AWS_METADATA_SERVICE_TIMEOUT")};
  }
  CredentialInputs& inputs_;
  std::string base_;
  std::string token_;
};

/// While the service is out, what it gave last is used on.
Found extended(CredentialInputs& inputs, std::string why) {
  if (!inputs.before || !inputs.before->extendable) {
    return inputs.note(fmt::format("instance metadata ({})", why));
  }
  Credentials credentials = *inputs.before;
  credentials.expires = inputs.services.clock->now() + kExtension;
  if (inputs.services.config.log) {
    inputs.services.config.log(
        LogLevel::warning,
        fmt::format("the instance metadata service gives no credentials ({}): the old ones are "
                    "used for another 15 minutes",
                    why));
  }
  return credentials;
}

}  // namespace

Found from_instance(CredentialInputs& inputs) {
  constexpr const char* kPath = "/latest/meta-data/iam/security-credentials/";
  const auto disabled = inputs.variables.find("AWS_EC2_METADATA_DISABLED");
  if (disabled && net::equal_ignoring_case(*disabled, "true")) {
    return inputs.note("instance metadata (AWS_EC2_METADATA_DISABLED is true)");
  }
  Instance instance(inputs);
  if (!instance.open()) return extended(inputs, "no answer");
  const net::Outcome names = instance.get(kPath, net::AnswerForm::any);
  if (names.error && names.response.status == 404) {
    return inputs.note("instance metadata (the instance has no role)");
  }
  if (!names.ok()) return extended(inputs, net::describe(names));
  const std::string_view body = names.response.body;
  const std::string role(net::trim(body.substr(0, body.find_first_of("\r\n"))));
  if (role.empty()) return inputs.note("instance metadata (the instance has no role)");
  const net::Outcome outcome =
      instance.get(kPath + net::percent_encode(role), net::AnswerForm::json);
  if (!outcome.ok()) return extended(inputs, net::describe(outcome));
  const auto json = net::parse_json_object(outcome.response.body);
  const std::string code = json ? net::json_text(*json, "Code") : std::string{};
  if (!code.empty() && code != "Success") {
    return extended(inputs, code + ": " + net::json_text(*json, "Message"));
  }
  Credentials credentials =
      parse_credentials(outcome.response.body, kMetadataNames, "the instance metadata service");
  credentials.extendable = true;
  if (credentials.expires && *credentials.expires <= inputs.services.clock->now()) {
    inputs.before = std::make_shared<const Credentials>(std::move(credentials));
    return extended(inputs, "it gave credentials that have expired");
  }
  return credentials;
}

}  // namespace cairn::vfs::s3
