#include "tests/unit/vfs/gcs/credentials/machine.hpp"

using namespace cairn;
using nlohmann::json;
using test::Answer;
using test::contains;
using test::GoogleMachine;

namespace {

/// As `gcloud iam workload-identity-pools create-cred-config --aws --enable-imdsv2` writes it.
json aws_account() {
  const std::string metadata = "http://169.254.169.254/latest/";
  return {
      {"type", "external_account"},
      {"audience",
       "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws"},
      {"subject_token_type", "urn:ietf:params:aws:token-type:aws4_request"},
      {"token_url", "https://sts.googleapis.com/v1/token"},
      {"credential_source",
       {{"environment_id", "aws1"},
        {"region_url", metadata + "meta-data/placement/availability-zone"},
        {"url", metadata + "meta-data/iam/security-credentials"},
        {"imdsv2_session_token_url", metadata + "api/token"},
        {"regional_cred_verification_url",
         "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}}}};
}

/// The signed request in what was sent to Google: https://google.aip.dev/auth/4117
json signed_request(const GoogleMachine& machine) {
  const auto requests = machine.transport->requests();
  REQUIRE_FALSE(requests.empty());
  auto form = test::posted_form(requests.back());
  CHECK(form["subject_token_type"] == "urn:ietf:params:aws:token-type:aws4_request");
  return json::parse(test::percent_decoded(form["subject_token"]));
}

std::string header(const json& request, const std::string& name) {
  for (const json& field : request["headers"]) {
    if (field["key"] == name) return field["value"];
  }
  return "absent";
}

const std::string kPath = "169.254.169.254/latest/meta-data/iam/security-credentials";

void add_instance(GoogleMachine& machine) {
  machine.answer("/latest/api/token", [](const vfs::net::Request& request) -> Answer {
    const bool right = request.method == "PUT" &&
                       !request.headers.get("x-aws-ec2-metadata-token-ttl-seconds").empty();
    return right ? Answer{.body = "imds"} : Answer{.status = 400};
  });
  const auto with_token = [](const std::string& body) {
    return [body](const vfs::net::Request& request) -> Answer {
      const bool right = request.headers.get("x-aws-ec2-metadata-token") == "imds";
      return right ? Answer{.body = body} : Answer{.status = 401};
    };
  };
  machine.answer("/placement/availability-zone", with_token("us-east-2b"));
  machine.answer(kPath + "/role", with_token(R"({"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":)"
                                             R"("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",)"
                                             R"("Token":"t"})"));
  machine.answer(kPath, with_token("role"));
}

}  // namespace

TEST_CASE("keys of AWS in the environment sign a question who they are, as botocore signs it",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(aws_account());
  machine.set("AWS_REGION", "us-east-2");
  machine.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  machine.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");

  const json request = signed_request(machine);
  CHECK(request["method"] == "POST");
  CHECK(request["url"] ==
        "https://sts.us-east-2.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
  CHECK(header(request, "host") == "sts.us-east-2.amazonaws.com");
  CHECK(header(request, "x-amz-date") == "20260212T000000Z");
  CHECK(header(request, "x-goog-cloud-target-resource") == aws_account()["audience"]);
  // botocore 1.44: SigV4Auth(…, "sts", "us-east-2").add_auth of this request at this time
  CHECK(header(request, "authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260212/us-east-2/sts/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-goog-cloud-target-resource, "
        "Signature=67a3d10540742ab7baa13af2ab836679d621a865036eb94ca4064bd0102392d1");
  CHECK(machine.transport->requests().size() == 1);
}

TEST_CASE("keys of AWS come from the instance, by version 2 of its service", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(aws_account());
  add_instance(machine);
  machine.answer("sts.googleapis.com", test::token_answer("federated"));

  CHECK(machine.find().token.reveal() == "federated");

  const json request = signed_request(machine);
  CHECK(header(request, "x-amz-security-token") == "t");
  CHECK(contains(header(request, "authorization"),
                 "Signature=577ac91c5b0957221a0ca491005deff9656e592000387a29cb302fd1fc568b08"));
}

TEST_CASE("an instance of AWS that does not answer is named with what to do",
          "[gcs][credentials]") {
  GoogleMachine machine;
  machine.credentials(aws_account());
  const std::string text = machine.failure();
  CHECK(contains(text, "AWS's metadata service http://169.254.169.254/latest/api/token gives no"));
  CHECK(contains(text, "Set AWS_REGION"));
}

TEST_CASE("what is wrong with an account on AWS is said", "[gcs][credentials]") {
  GoogleMachine machine;
  machine.set("AWS_REGION", "us-east-2");
  machine.set("AWS_ACCESS_KEY_ID", "a");
  machine.set("AWS_SECRET_ACCESS_KEY", "b");
  const auto failure = [&](const char* name, const char* value) {
    json document = aws_account();
    document["credential_source"][name] = value;
    machine.credentials(document);
    return machine.failure();
  };
  CHECK(contains(failure("environment_id", "aws2"), "\"environment_id\" of"));
  CHECK(contains(failure("regional_cred_verification_url", "http://evil.example"), "is not https"));
}
