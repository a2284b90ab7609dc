#include "tests/support/simulated_gcs/authorize.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/jwt.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

constexpr std::array kSignature{"X-Goog-Algorithm", "X-Goog-Credential",    "X-Goog-Date",
                                "X-Goog-Expires",   "X-Goog-SignedHeaders", "X-Goog-Signature"};
constexpr std::int64_t kLongest = 604'800;  // seconds: seven days

Refused bad_token() {
  return {.status = 401,
          .reason = "authError",
          .code = "AuthenticationRequired",
          .message = "Invalid Credentials",
          .location_type = "header",
          .location = "Authorization"};
}

Refused denied(const std::string& code, const std::string& message) {
  return {.status = 403, .reason = "forbidden", .code = code, .message = message};
}

/// Blanks around a value go, and inner ones become one space.
std::string squeeze(std::string_view value) {
  std::string out;
  for (const char c : trim(value)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) out += c;
    if (blank && !out.ends_with(' ')) out += ' ';
  }
  return out;
}

/// A port is no part of what is signed (Google's vectors with a host of their own).
std::string host_of(const Call& call) {
  const std::string& host = call.http.host;
  const std::size_t colon = host.rfind(':');
  return colon == host.npos || host.ends_with(']') ? host : host.substr(0, colon);
}

/// https://cloud.google.com/storage/docs/authentication/canonical-requests
std::string canonical_request(State& state, const Call& call) {
  std::map<std::string, std::string> query;
  for (const auto& [name, value] : call.http.query) {
    if (name != "X-Goog-Signature") query[encode(name)] = encode(value);
  }
  std::string text = call.http.method + "\n" + call.http.raw_path + "\n";
  for (const auto& [name, value] : query) {
    text += (text.ends_with('\n') ? "" : "&") + name + "=" + value;
  }
  const std::string signed_headers = call.http.parameter("X-Goog-SignedHeaders");
  const std::vector<std::string> names = split(signed_headers, ';');
  text += "\n";
  for (const std::string& name : names) {
    if (name != "host" && !call.http.has(name)) {
      throw Refused{.status = 400,
                    .code = "MalformedSecurityHeader",
                    .message = "Header was included in signedheaders, but not in the request."};
    }
    text += name + ":" + squeeze(name == "host" ? host_of(call) : call.http.header(name)) + "\n";
  }
  if (std::ranges::find(names, "host") == names.end()) violate(state, "host is not signed");
  for (const auto& [name, value] : call.http.headers) {
    if (name.starts_with("x-goog-") && std::ranges::find(names, name) == names.end()) {
      violate(state, "a signed URL with a header that is not signed: " + name);
    }
  }
  const std::string payload = call.http.header("x-goog-content-sha256");
  return text + "\n" + signed_headers + "\n" + (payload.empty() ? "UNSIGNED-PAYLOAD" : payload);
}

/// By the key of a service account, or by an HMAC key: the scope's parts one by one, as S3 does it.
bool is_right(const State& state, const std::vector<std::string>& scope, const std::string& text,
              const std::string& signature) {
  if (text.starts_with("GOOG4-RSA-SHA256\n")) {
    const std::string* key = state.authority.public_key(scope[0]);
    return key != nullptr && verify_rs256(text, signature, *key);
  }
  const std::string* secret = state.authority.secret(scope[0]);
  if (secret == nullptr) return false;
  std::string key = "GOOG4" + *secret;
  for (std::size_t i = 1; i < scope.size(); ++i) key = hmac_sha256(key, scope[i]);
  return hmac_sha256(key, text) == signature;
}

/// https://cloud.google.com/storage/docs/authentication/signatures
void check_signature(State& state, const Call& call) {
  const std::string stamp = call.http.parameter("X-Goog-Date");
  const auto date = parse_basic_time(stamp);
  const std::int64_t expires = read_number("X-Goog-Expires", call.http.parameter("X-Goog-Expires"));
  const std::vector<std::string> scope = split(call.http.parameter("X-Goog-Credential"), '/');
  const std::string algorithm = call.http.parameter("X-Goog-Algorithm");
  if ((algorithm != "GOOG4-RSA-SHA256" && algorithm != "GOOG4-HMAC-SHA256") || !date ||
      expires < 1 || expires > kLongest || scope.size() != 5 || scope[1] != stamp.substr(0, 8) ||
      scope[3] != "storage" || scope[4] != "goog4_request") {
    violate(state, "a signed URL with parameters that do not fit");
  }
  const std::string text = algorithm + "\n" + stamp + "\n" + scope[1] + "/" + scope[2] +
                           "/storage/goog4_request\n" + hex(sha256(canonical_request(state, call)));
  const auto signature = from_hex(call.http.parameter("X-Goog-Signature"));
  if (!signature || !is_right(state, scope, text, *signature)) {
    throw denied("SignatureDoesNotMatch",
                 "Access denied. The request signature we calculated does not match the signature "
                 "you provided. Check your Google secret key and signing method.");
  }
  if (state.now > *date + std::chrono::seconds(expires)) {
    throw Refused{
        .status = 400, .code = "ExpiredToken", .message = "The provided token has expired."};
  }
}

/// The address of a session is a credential by itself
/// (https://cloud.google.com/storage/docs/resumable-uploads#session-uris).
bool is_session(const Call& call) {
  return call.http.asks("upload_id") && call.http.method != "POST";
}

void check_token(const State& state, const std::string& authorization) {
  const std::size_t space = authorization.find(' ');
  if (authorization.substr(0, space) != "Bearer") throw bad_token();
  const std::string token = authorization.substr(std::min(space + 1, authorization.size()));
  if (state.authority.standing(token, state.now) != Authority::Standing::good) throw bad_token();
}

/// https://cloud.google.com/storage/docs/requester-pays
void check_payer(const State& state, const Call& call) {
  const std::string& project = state.options.requester_pays;
  if (project.empty() || call.http.parameter("userProject") == project ||
      call.http.header("x-goog-user-project") == project) {
    return;
  }
  throw Refused{.status = 400,
                .reason = "required",
                .code = "UserProjectMissing",
                .message = "Bucket is a requester pays bucket but no user project provided."};
}

}  // namespace

bool is_signed(const Call& call) {
  return call.http.asks("X-Goog-Signature");
}

bool is_signature_parameter(const std::string& name) {
  return std::ranges::find(kSignature, name) != kSignature.end();
}

void authorize(State& state, const Call& call) {
  if (is_signed(call)) return check_signature(state, call);
  if (call.http.has("authorization")) {
    check_token(state, call.http.header("authorization"));
    return check_payer(state, call);
  }
  if (is_session(call)) return;
  const bool reads = call.http.method == "GET" || call.http.method == "HEAD";
  if (state.options.anonymous && reads) return;
  if (!state.options.anonymous) state.violations.emplace_back("a request without credentials");
  throw Refused{.status = 401,
                .reason = "required",
                .code = "AuthenticationRequired",
                .message =
                    "Anonymous caller does not have storage access to the Google Cloud "
                    "Storage object.",
                .location_type = "header",
                .location = "Authorization"};
}

}  // namespace cairn::test::sim::gcs
