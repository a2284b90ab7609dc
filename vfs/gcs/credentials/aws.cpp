// What a workload on AWS proves itself with: a signed request to AWS that Google sends and that
// AWS answers with who signed it.
// https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#include <fmt/format.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/sigv4.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::CredentialError;

struct Keys {
  std::string id{};
  Secret secret{};
  Secret token{};
};

/// The instance metadata service, by the addresses that the document gives.
class Instance {
 public:
  Instance(const CredentialInputs& inputs, const Document& source)
      : inputs_(inputs), source_(source) {}

  [[nodiscard]] std::string get(const std::string& url) {
    net::Question question{.operation = "aws_metadata"};
    const std::string token = session_token();
    if (!token.empty()) question.request.headers.set("x-aws-ec2-metadata-token", token);
    return send(std::move(question), url);
  }

 private:
  /// Of version 2, where the document asks for it.
  [[nodiscard]] std::string session_token() {
    if (!token_.empty() || !source_.has("imdsv2_session_token_url")) return token_;
    net::Question question{.operation = "aws_metadata",
                           .request = {.method = "PUT", .has_body = true}};
    question.request.headers.set("x-aws-ec2-metadata-token-ttl-seconds", "300");
    token_ = send(std::move(question), source_.require("imdsv2_session_token_url"));
    return token_;
  }
  [[nodiscard]] std::string send(net::Question question, const std::string& url) const {
    check_source_url(inputs_, url);
    question.url = url;
    const net::Outcome outcome = ask(inputs_, std::move(question));
    if (outcome.ok()) return outcome.response.body;
    throw CredentialError(
        fmt::format("AWS's metadata service {} gives no answer: {}", url, net::describe(outcome)),
        "on AWS, but not on EC2? Set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }

  const CredentialInputs& inputs_;
  const Document& source_;
  std::string token_;
};

std::string region_of(const CredentialInputs& inputs, const Document& source, Instance& instance) {
  if (auto region = inputs.variables.first_of({"AWS_REGION", "AWS_DEFAULT_REGION"})) {
    return *std::move(region);
  }
  std::string zone = instance.get(source.require("region_url"));
  if (!zone.empty()) zone.pop_back();  // "us-east-2b"
  return zone;
}

Keys keys_of(const CredentialInputs& inputs, const Document& source, Instance& instance) {
  const auto id = inputs.variables.find("AWS_ACCESS_KEY_ID");
  const auto secret = inputs.variables.find("AWS_SECRET_ACCESS_KEY");
  if (id && secret) {
    return {.id = *id,
            .secret = *secret,
            .token = inputs.variables.find("AWS_SESSION_TOKEN").value_or("")};
  }
  const std::string url = source.require("url");
  const std::string roles = instance.get(url);
  const std::string_view role = std::string_view(roles).substr(0, roles.find_first_of("\r\n"));
  const auto answer =
      net::parse_json_object(instance.get(fmt::format("{}/{}", url, net::percent_encode(role))));
  Keys keys;
  if (answer) {
    keys = {.id = net::json_text(*answer, "AccessKeyId"),
            .secret = net::json_text(*answer, "SecretAccessKey"),
            .token = net::json_text(*answer, "Token")};
  }
  if (keys.id.empty() || keys.secret.empty()) {
    throw CredentialError(fmt::format("AWS's metadata service {} gives no keys", url));
  }
  return keys;
}

/// GetCallerIdentity, signed for the identity provider that the token is for, and no other.
net::Request signed_request(const std::string& url, const std::string& region, const Keys& keys,
                            const std::string& audience, TimePoint now) {
  const std::string time = net::format_basic_iso8601(now);
  const net::SignatureScope scope{
      .day = std::string_view(time).substr(0, 8), .region = region, .service = "sts"};
  net::Request request{.method = "POST", .url = url};
  request.headers.set("x-amz-date", time);
  request.headers.set("x-goog-cloud-target-resource", audience);
  if (!keys.token.empty()) request.headers.set("x-amz-security-token", keys.token.reveal());
  const std::string nothing = crypto::hex(crypto::sha256(as_bytes("")));
  const net::Canonical canonical = net::canonical_request(request, nothing);
  constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
  const std::string signature = crypto::hex(
      crypto::hmac_sha256(net::signing_key(Secret("AWS4" + keys.secret.reveal()), scope),
                          net::string_to_sign(kAlgorithm, time, scope, canonical)));
  request.headers.set("authorization",
                      net::signature_header(kAlgorithm, keys.id, scope, canonical, signature));
  request.headers.set("host", net::host_of(url));
  return request;
}

std::string verification_url(const Document& source, const std::string& region) {
  constexpr std::string_view kRegion = "{region}";
  std::string url = source.require("regional_cred_verification_url");
  if (const std::size_t at = url.find(kRegion); at != url.npos) {
    url.replace(at, kRegion.size(), region);
  }
  if (!url.starts_with("https://")) {
    throw CredentialError(
        fmt::format("the \"regional_cred_verification_url\" of {} is not https", source.place));
  }
  return url;
}

}  // namespace

Secret aws_token(const CredentialInputs& inputs, const Document& account, const Document& source) {
  if (source.text("environment_id") != "aws1") {
    throw CredentialError(fmt::format("the \"environment_id\" of {} is not known", source.place),
                          "known is \"aws1\"");
  }
  Instance instance(inputs, source);
  const std::string region = region_of(inputs, source, instance);
  const Keys keys = keys_of(inputs, source, instance);
  const net::Request request = signed_request(verification_url(source, region), region, keys,
                                              account.require("audience"), inputs.now());
  nlohmann::json headers = nlohmann::json::array();
  for (const auto& [name, value] : request.headers) {
    headers.push_back({{"key", name}, {"value", value}});
  }
  const nlohmann::json token{
      {"url", request.url}, {"method", request.method}, {"headers", headers}};
  // Replaced: what is no UTF-8, if the environment holds such keys.
  return net::percent_encode(token.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace cairn::vfs::gcs
