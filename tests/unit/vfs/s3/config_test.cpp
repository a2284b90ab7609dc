#include "vfs/s3/config.hpp"

#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "vfs/error.hpp"

namespace {

using namespace cairn::vfs;

Environment environment(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

s3::BucketConfig resolve(std::string_view bucket, const Config& config,
                         const Environment& variables = environment({}),
                         const s3::ProfileFiles& files = {}) {
  return s3::resolve_bucket(bucket, config, Variables(variables), files);
}

std::string message_of(std::string_view bucket, const Config& config) {
  try {
    static_cast<void>(resolve(bucket, config));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return {};
}

TEST_CASE("AWS's dialect of INI is read as its tools read it", "[s3][config]") {
  const s3::Ini ini = s3::parse_ini(
      "\xEF\xBB\xBF# a comment\r\n"
      "orphan = 1\n"
      "[default]\r\n"
      "Region = eu-west-1 # Ireland\n"
      "aws_secret_access_key = a#b;c=d\n"
      "s3 =\n"
      "  addressing_style = path\n"
      "  endpoint_url = http://x\n"
      "after = 2\n"
      "[ profile  \"my work\" ] ; spaces and quotes\n"
      "region=us-west-2\n"
      "nonsense\n"
      "[default]\n"
      "more = 3\n");

  REQUIRE(ini.size() == 2);
  const s3::IniSection& section = ini.at("default");
  CHECK(section.at("region") == "eu-west-1");
  CHECK(section.at("aws_secret_access_key") == "a#b;c=d");
  CHECK(section.at("s3.addressing_style") == "path");
  CHECK(section.at("s3.endpoint_url") == "http://x");
  CHECK(section.at("after") == "2");
  CHECK(section.at("more") == "3");
  CHECK(ini.at("profile my work").at("region") == "us-west-2");
}

TEST_CASE("a bucket at AWS is a virtual host of its region", "[s3][config]") {
  const auto config = resolve("my-bucket", {.s3 = {.region = "eu-west-3"}});

  CHECK(s3::base_url(config, config.region) == "https://my-bucket.s3.eu-west-3.amazonaws.com");
  CHECK(s3::base_url(config, "cn-north-1") == "https://my-bucket.s3.cn-north-1.amazonaws.com.cn");
}

TEST_CASE("buckets that can be no host name go into the path", "[s3][config]") {
  for (const char* bucket : {"my.bucket", "My-Bucket", "my_bucket", "ab"}) {
    CHECK(s3::base_url(resolve(bucket, {}), "us-east-1") ==
          "https://s3.us-east-1.amazonaws.com/" + std::string(bucket));
  }
}

TEST_CASE("an endpoint of one's own gets the bucket in the path unless told otherwise",
          "[s3][config]") {
  Config config{.s3 = {.endpoint_url = "http://127.0.0.1:9000/"}};
  CHECK(s3::base_url(resolve("b-1", config), "r") == "http://127.0.0.1:9000/b-1");

  config.s3.addressing = S3Addressing::virtual_host;
  CHECK(s3::base_url(resolve("b-1", config), "r") == "http://b-1.127.0.0.1:9000");
}

TEST_CASE("the endpoint is looked for in AWS's order", "[s3][config]") {
  s3::ProfileFiles files;
  files.config = s3::parse_ini(
      "[default]\nendpoint_url = http://127.0.0.5\nservices = mine\n"
      "[services mine]\ns3 =\n  endpoint_url = http://127.0.0.4\n");
  const auto find = [&files](const Config& config, const Environment& variables) {
    return resolve("bucket", config, variables, files).endpoint;
  };
  const auto both = environment(
      {{"AWS_ENDPOINT_URL_S3", "http://127.0.0.2"}, {"AWS_ENDPOINT_URL", "http://127.0.0.3"}});

  CHECK(find({.s3 = {.endpoint_url = "http://127.0.0.1"}}, both) == "http://127.0.0.1");
  CHECK(find({}, both) == "http://127.0.0.2");
  CHECK(find({}, environment({{"AWS_ENDPOINT_URL", "http://127.0.0.3"}})) == "http://127.0.0.3");
  CHECK(find({}, environment({})) == "http://127.0.0.4");
  CHECK(find({}, environment({{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}})).empty());
  files.config->erase("services mine");
  CHECK(find({}, environment({})) == "http://127.0.0.5");
}

TEST_CASE("the region is looked for in AWS's order", "[s3][config]") {
  s3::ProfileFiles files;
  files.config = s3::parse_ini("[profile p]\nregion = r-profile\n");
  files.profile = "p";
  const auto both = environment({{"AWS_REGION", "r-1"}, {"AWS_DEFAULT_REGION", "r-2"}});

  CHECK(resolve("bucket", {.s3 = {.region = "r-0"}}, both, files).region == "r-0");
  CHECK(resolve("bucket", {}, both, files).region == "r-1");
  CHECK(resolve("bucket", {}, environment({{"AWS_DEFAULT_REGION", "r-2"}}), files).region == "r-2");
  CHECK(resolve("bucket", {}, environment({}), files).region == "r-profile");
  CHECK(resolve("bucket", {}).region == "us-east-1");
}

TEST_CASE("credentials go unencrypted to this machine only, unless allowed", "[s3][config]") {
  Config config{.s3 = {.endpoint_url = "http://192.0.2.1:9000"}};
  CHECK(message_of("bucket", config).find("unencrypted over http to 192.0.2.1") !=
        std::string::npos);

  config.http.allow_plain_http = true;
  CHECK(message_of("bucket", config).empty());
  config.http.allow_plain_http = false;
  config.s3.anonymous = true;
  CHECK(message_of("bucket", config).empty());
}

TEST_CASE("AWS's hosts are those that its own tools find", "[s3][config]") {
  // What botocore 1.44.5 resolves, from its endpoint rules and partitions.
  const auto url = [](S3Options options) {
    const s3::BucketConfig config = resolve("bkt", {.s3 = options});
    return s3::base_url(config, config.region);
  };
  const auto [region, plain] = GENERATE(table<std::string, std::string>({
      {"eu-west-3", "https://bkt.s3.eu-west-3.amazonaws.com"},
      {"cn-north-1", "https://bkt.s3.cn-north-1.amazonaws.com.cn"},
      {"us-gov-west-1", "https://bkt.s3.us-gov-west-1.amazonaws.com"},
      {"us-iso-east-1", "https://bkt.s3.us-iso-east-1.c2s.ic.gov"},
      {"us-isob-east-1", "https://bkt.s3.us-isob-east-1.sc2s.sgov.gov"},
      {"eu-isoe-west-1", "https://bkt.s3.eu-isoe-west-1.cloud.adc-e.uk"},
      {"us-isof-south-1", "https://bkt.s3.us-isof-south-1.csp.hci.ic.gov"},
      {"eusc-de-east-1", "https://bkt.s3.eusc-de-east-1.amazonaws.eu"},
  }));
  CHECK(url({.region = region}) == plain);

  CHECK(url({.region = "eu-west-3", .use_dualstack = true}) ==
        "https://bkt.s3.dualstack.eu-west-3.amazonaws.com");
  CHECK(url({.region = "eu-west-3", .use_fips = true}) ==
        "https://bkt.s3-fips.eu-west-3.amazonaws.com");
  CHECK(url({.region = "eu-west-3", .use_dualstack = true, .use_fips = true}) ==
        "https://bkt.s3-fips.dualstack.eu-west-3.amazonaws.com");
  CHECK(url({.region = "eu-west-3", .use_accelerate = true}) ==
        "https://bkt.s3-accelerate.amazonaws.com");
  CHECK(url({.region = "eu-west-3", .use_dualstack = true, .use_accelerate = true}) ==
        "https://bkt.s3-accelerate.dualstack.amazonaws.com");
}

TEST_CASE("names that can be no host stay in the path", "[s3][config]") {
  CHECK(s3::base_url(resolve("a.b", {}), "eu-west-3") == "https://s3.eu-west-3.amazonaws.com/a.b");
  CHECK(s3::base_url(resolve("Upper", {}), "eu-west-3") ==
        "https://s3.eu-west-3.amazonaws.com/Upper");
  const Config config{.s3 = {.addressing = S3Addressing::virtual_host}};
  CHECK_FALSE(message_of("a.b", config).empty());
  CHECK_FALSE(message_of("Upper", config).empty());
}

TEST_CASE("the variants of AWS's hosts come from environment and profile, too", "[s3][config]") {
  s3::ProfileFiles files;
  files.config = s3::parse_ini("[default]\ns3 =\n  use_accelerate_endpoint = true\n");

  CHECK(resolve("bkt", {}, environment({{"AWS_USE_FIPS_ENDPOINT", "true"}})).fips);
  CHECK(resolve("bkt", {}, environment({{"AWS_USE_DUALSTACK_ENDPOINT", "True"}})).dualstack);
  CHECK_FALSE(resolve("bkt", {}, environment({{"AWS_USE_FIPS_ENDPOINT", "false"}})).fips);
  CHECK(resolve("bkt", {}, environment({}), files).accelerate);
}

TEST_CASE("variants of AWS's hosts that do not exist are refused", "[s3][config]") {
  for (const S3Options& options : {
           S3Options{.use_fips = true, .use_accelerate = true},
           S3Options{.region = "cn-north-1", .use_fips = true},
           S3Options{.region = "cn-north-1", .use_accelerate = true},
           S3Options{.endpoint_url = "http://127.0.0.1:9000", .use_dualstack = true},
           S3Options{.endpoint_url = "http://127.0.0.1:9000", .use_accelerate = true},
       }) {
    CHECK_FALSE(message_of("bkt", {.s3 = options}).empty());
  }
  CHECK_FALSE(message_of("a.b", {.s3 = {.use_accelerate = true}}).empty());
}

TEST_CASE("an ARN or a directory bucket is refused with what to do", "[s3][config]") {
  CHECK(message_of("arn:aws:s3:us-west-2:123456789012:accesspoint", {}).find("alias") !=
        std::string::npos);
  CHECK(message_of("b--usw2-az1--x-s3", {}).find("Express") != std::string::npos);
}

TEST_CASE("what can be no endpoint or bucket is refused with a reason", "[s3][config]") {
  for (const char* endpoint : {"127.0.0.1:9000", "ftp://h", "http://", "https://user:pw@host",
                               "https://h/a b", "https://h?x=1"}) {
    const std::string message = message_of("bucket", {.s3 = {.endpoint_url = endpoint}});
    CHECK(message.find("endpoint") != std::string::npos);
    CHECK(message.find("pw") == std::string::npos);
  }
  for (const char* bucket : {"", "..", "a/b", "a b", "a?b", "a\nb", "a@b"}) {
    CHECK_FALSE(message_of(bucket, {}).empty());
  }
}

TEST_CASE("a customer's encryption key goes over https only, whatever is allowed", "[s3][config]") {
  Config config{.http = {.allow_plain_http = true},
                .s3 = {.endpoint_url = "http://192.0.2.1:9000",
                       .encryption = {.customer_key = std::string(32, 'k')}}};
  CHECK(message_of("bkt", config).find("encryption key would go unencrypted") != std::string::npos);
  config.s3.endpoint_url = "http://127.0.0.1:9000";
  CHECK(message_of("bkt", config).empty());
  config.s3.endpoint_url = "https://192.0.2.1:9000";
  CHECK(message_of("bkt", config).empty());
}

}  // namespace
