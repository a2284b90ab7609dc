// Who may call, and what no client may send.
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rsa_key.hpp"
#include "tests/support/simulated_gcs/authorize.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/jwt.hpp"
#include "tests/support/simulated_gcs/text.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

constexpr const char* kRobot = "robot@project.iam.gserviceaccount.com";
constexpr const char* kTarget = "/storage/v1/b/bkt/o/k";

TEST_CASE("a request without credentials is refused and written down", "[simulated_gcs]") {
  Cloud cloud;

  const auto reply = cloud.bare("GET", kTarget);

  CHECK(reply.status == 401);
  CHECK(reason_of(reply) == "required");
  CHECK(contains(header_of(reply, "WWW-Authenticate"), "Bearer realm="));
  CHECK(cloud.server.violations().size() == 1);
}

TEST_CASE("a bucket may be open to all readers", "[simulated_gcs]") {
  Cloud cloud({.anonymous = true});
  cloud.insert("k", "x");

  CHECK(cloud.bare("GET", kTarget).status == 200);
  CHECK(cloud.bare("DELETE", kTarget).status == 401);
}

TEST_CASE("a wrong token and one that has run out are refused", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  const auto wrong = cloud.bare("GET", kTarget, {{"Authorization", "Bearer other"}});
  CHECK(wrong.status == 401);
  CHECK(reason_of(wrong) == "authError");
  CHECK(contains(header_of(wrong, "WWW-Authenticate"), "invalid_token"));

  cloud.server.authority().expire_tokens();
  CHECK(cloud.send("GET", kTarget).status == 401);
  CHECK(code_of(cloud.send("GET", "/bkt/k")) == "AuthenticationRequired");
  CHECK(cloud.server.violations().empty());
}

TEST_CASE("a token that was given out runs out by itself", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  const std::string token = cloud.server.authority().issue(cloud.now, std::chrono::hours{1});
  const auto read = [&] {
    return cloud.bare("GET", kTarget, {{"Authorization", "Bearer " + token}}).status;
  };

  CHECK(read() == 200);
  cloud.now += std::chrono::hours{1};
  CHECK(read() == 401);
}

Json claims_at(sim::TimePoint now) {
  const auto issued = std::chrono::system_clock::to_time_t(now);
  return {{"iss", kRobot},
          {"sub", kRobot},
          {"scope", "https://www.googleapis.com/auth/devstorage.read_write"},
          {"iat", issued},
          {"exp", issued + 3600}};
}

int read_with(Cloud& cloud, const std::string& token) {
  return cloud.bare("GET", kTarget, {{"Authorization", "Bearer " + token}}).status;
}

TEST_CASE("a service account's own JWT is a token", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  cloud.server.authority().add_account(kRobot, rsa_key_pair().pem(KeyForm::public_only));
  Json for_audience = claims_at(cloud.now);
  for_audience.erase("scope");
  for_audience["aud"] = "https://storage.googleapis.com/";

  CHECK(read_with(cloud, signed_jwt(claims_at(cloud.now))) == 200);
  CHECK(read_with(cloud, signed_jwt(for_audience)) == 200);
}

TEST_CASE("a JWT that lacks something is refused", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("k", "x");
  cloud.server.authority().add_account(kRobot, rsa_key_pair().pem(KeyForm::public_only));
  const Json right = claims_at(cloud.now);
  const auto with = [&](const char* claim, const Json& value) {
    Json claims = right;
    claims[claim] = value;
    return read_with(cloud, signed_jwt(claims));
  };
  std::string tampered = signed_jwt(right);
  tampered[tampered.rfind('.') + 5] ^= 1;

  CHECK(read_with(cloud, tampered) == 401);
  CHECK(with("iss", "other@project.iam.gserviceaccount.com") == 401);
  CHECK(with("sub", "other@project.iam.gserviceaccount.com") == 401);
  CHECK(with("scope", "https://www.googleapis.com/auth/drive") == 401);
  CHECK(with("exp", right["iat"].get<int>() + 3601) == 401);
  CHECK(with("iat", right["iat"].get<int>() + 3000) == 401);
  CHECK(read_with(cloud, signed_jwt(right, {{"alg", "none"}, {"typ", "JWT"}})) == 401);
  cloud.now += std::chrono::hours{2};
  CHECK(read_with(cloud, signed_jwt(right)) == 401);
}

Json vectors() {
  std::ifstream file(CAIRN_TEST_DATA "/gcs/v4_signatures.json");
  return Json::parse(file);
}

/// As the server sees the request that a signed URL and its headers make.
sim::gcs::Call call_of(const Json& vector) {
  Headers headers;
  const Json signed_headers = vector.value("headers", Json::object());
  for (const auto& [name, value] : signed_headers.items()) headers.emplace_back(name, value);
  return {.http = sim::read_request(
              make_request(vector["method"], vector["expectedUrl"], headers, {}))};
}

sim::gcs::State state_at(const Json& data, const Json& vector) {
  std::string stamp = vector["timestamp"];
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  sim::gcs::State state;
  state.authority.add_account(data["account"], data["public_key"]);
  state.authority.add_hmac_key(data["access_id"], data["secret"]);
  state.now = *sim::gcs::parse_basic_time(stamp);
  return state;
}

TEST_CASE("Google's published signed URLs are accepted", "[simulated_gcs]") {
  const Json data = vectors();
  int count = 0;
  for (const char* kind : {"rsa", "hmac"}) {
    for (const Json& vector : data[kind]) {
      CAPTURE(vector["description"]);
      sim::gcs::State state = state_at(data, vector);
      CHECK_NOTHROW(sim::gcs::authorize(state, call_of(vector)));
      ++count;
    }
  }
  CHECK(count >= 30);
}

TEST_CASE("a signed URL for another method is refused", "[simulated_gcs]") {
  const Json data = vectors();
  Json vector = data["rsa"][0];
  vector["method"] = "PUT";
  sim::gcs::State state = state_at(data, vector);

  CHECK_THROWS_AS(sim::gcs::authorize(state, call_of(vector)), sim::gcs::Refused);
}

TEST_CASE("a signed URL serves its object until it runs out", "[simulated_gcs]") {
  const Json data = vectors();
  Cloud cloud({.bucket = "test-bucket"});
  cloud.server.add("test-object", "123456789", "md5");
  cloud.server.authority().add_account(data["account"], data["public_key"]);
  const auto request = make_request("GET", data["rsa"][0]["expectedUrl"], {}, {});
  const auto start = *sim::gcs::parse_basic_time("20190201T090000Z");

  CHECK(cloud.server.handle(request, start + std::chrono::seconds{9}).body == "123456789");
  const auto late = cloud.server.handle(request, start + std::chrono::seconds{11});
  CHECK(late.status == 400);
  CHECK(code_of(late) == "ExpiredToken");
}

TEST_CASE("a header of Google's that a signed URL does not sign is refused", "[simulated_gcs]") {
  const Json data = vectors();
  Json vector = data["rsa"][0];
  vector["headers"] = {{"x-goog-meta-k", "v"}};
  sim::gcs::State state = state_at(data, vector);

  CHECK_THROWS_AS(sim::gcs::authorize(state, call_of(vector)), sim::gcs::Refused);
  CHECK(state.violations.size() == 1);
}

/// RFC 7515, appendix A.2: the key is its JWK, as PEM.
TEST_CASE("a signature of RFC 7515 is accepted, and its text changed is not", "[simulated_gcs]") {
  const std::string key =
      "-----BEGIN PUBLIC KEY-----\n"
      "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n"
      "NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n"
      "P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n"
      "9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n"
      "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n"
      "FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n"
      "oQIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  const std::string text =
      "eyJhbGciOiJSUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
      "cnVlfQ";
  const std::string signature = decode_base64_url(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2"
      "Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjt"
      "QBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6"
      "IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");

  CHECK(sim::gcs::verify_rs256(text, signature, key));
  CHECK_FALSE(sim::gcs::verify_rs256(text + "x", signature, key));
}

TEST_CASE("who has to pay must be named", "[simulated_gcs]") {
  Cloud cloud({.requester_pays = "project"});
  cloud.server.add("k", "x", "md5");

  CHECK(cloud.send("GET", kTarget).status == 400);
  CHECK(cloud.send("GET", std::string(kTarget) + "?userProject=project").status == 200);
  CHECK(cloud.send("GET", "/bkt/k", {{"x-goog-user-project", "project"}}).status == 200);
}

TEST_CASE("what no client may send is refused and written down", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a%2Fb", "x");
  const auto refuses = [&](const std::string& method, const std::string& target,
                           const Headers& headers = {}, std::string_view body = {}) {
    const std::size_t before = cloud.server.violations().size();
    CAPTURE(method, target);
    return cloud.send(method, target, headers, body).status == 400 &&
           cloud.server.violations().size() == before + 1;
  };

  CHECK(refuses("GET", "/storage/v1/b/bkt/o/a/b"));             // a name with a bare '/'
  CHECK(refuses("GET", "/storage/v1/b/bkt/o/a%2Fb+"));          // other characters that are bare
  CHECK(refuses("GET", "/storage/v1/b/bkt/o/a%2Fb?ifNone=1"));  // unknown parameters …
  CHECK(refuses("GET", "/bkt/a/b?alt=media"));
  CHECK(refuses("GET", "/storage/v1/b/bkt/o?prefix=a+b"));    // '+' is a space
  CHECK(refuses("GET", kTarget, {{"x-amz-date", "today"}}));  // … and headers
  CHECK(refuses("GET", "/storage/v1/b/bkt/o/a%2Fb", {{"Range", "bytes=0-1"}}));
  CHECK(refuses("TRACE", kTarget));
  CHECK(refuses("GET", "/storage/v1/b/bkt/acl"));
  CHECK(refuses("POST", "/upload/storage/v1/b/bkt/o?name=k"));  // no uploadType
  CHECK(refuses("POST", "/upload/storage/v1/b/bkt/o?uploadType=media&name=.."));
  CHECK(refuses("POST", "/upload/storage/v1/b/bkt/o?uploadType=multipart&name=k"));
  CHECK(refuses("PATCH", "/storage/v1/b/bkt/o/a%2Fb", {}, R"({"colour":"blue"})"));
}

}  // namespace
