#include "tests/support/simulated_s3/authorize.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::s3 {
namespace {

using std::chrono::system_clock;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…"
std::string field(const std::string& authorization, const std::string& name) {
  const std::size_t start = authorization.find(name + "=");
  if (start == authorization.npos) return {};
  const std::size_t value = start + name.size() + 1;
  return authorization.substr(value, authorization.find(',', value) - value);
}

/// Trimmed, inner runs of spaces as one.
std::string fold(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string canonical(const Call& request, const std::vector<std::string>& signed_headers) {
  std::vector<std::string> pairs;  // sorted by encoded name, then by encoded value
  for (const auto& [name, value] : request.query) {
    pairs.push_back(encode(name) + "=" + encode(value));
  }
  std::ranges::sort(pairs);
  std::string text =
      request.method + "\n" + encode("/" + request.bucket + "/" + request.key, "/") + "\n";
  for (std::size_t i = 0; i < pairs.size(); ++i) text += (i == 0 ? "" : "&") + pairs[i];
  text += "\n";
  std::string names;
  for (const std::string& name : signed_headers) {
    text += name + ":" + fold(name == "host" ? request.host : request.header(name)) + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  return text + "\n" + names + "\n" + request.header("x-amz-content-sha256");
}

/// S3 wants host, content-type and every x-amz-* signed (clouds: SigV4 section of the API
/// reference).
bool signs_enough(const Call& request, const std::vector<std::string>& signed_headers) {
  const std::set<std::string> names(signed_headers.begin(), signed_headers.end());
  if (!names.contains("host") || !std::ranges::is_sorted(signed_headers)) return false;
  return std::ranges::all_of(request.headers, [&](const auto& header) {
    const std::string& name = header.first;
    const bool needed = name.starts_with("x-amz-") || name == "content-type";
    return !needed || names.contains(name);
  });
}

/// "20260212T000000Z"
std::optional<system_clock::time_point> read_time(const std::string& text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return {};
  const auto number = [&](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  using namespace std::chrono;
  const year_month_day day{year{number(0, 4)}, month{static_cast<unsigned>(number(4, 2))},
                           std::chrono::day{static_cast<unsigned>(number(6, 2))}};
  return sys_days{day} + hours{number(9, 2)} + minutes{number(11, 2)} + seconds{number(13, 2)};
}

std::string signature(const std::string& secret, const std::vector<std::string>& scope,
                      const std::string& time, const std::string& request) {
  const std::string place = scope[1] + "/" + scope[2] + "/" + scope[3] + "/" + scope[4];
  std::string key = "AWS4" + secret;
  for (std::size_t i = 1; i < scope.size(); ++i) key = hmac_sha256(key, scope[i]);
  return hex(
      hmac_sha256(key, "AWS4-HMAC-SHA256\n" + time + "\n" + place + "\n" + hex(sha256(request))));
}

std::optional<Reply> refuse_payload(const Call& request) {
  const std::string hash = request.header("x-amz-content-sha256");
  if (hash.empty()) return error_reply(400, "InvalidRequest");
  if (hash == "UNSIGNED-PAYLOAD" || hash == hex(sha256(request.body))) return {};
  return error_reply(400, "XAmzContentSHA256Mismatch");
}

}  // namespace

std::optional<Reply> refuse_unauthorized(const Call& request, const Account& account,
                                         const std::string& region, system_clock::time_point now) {
  const std::string authorization = request.header("authorization");
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ")) return error_reply(403, "AccessDenied");
  const auto scope = split(field(authorization, "Credential"), '/');
  const auto names = split(field(authorization, "SignedHeaders"), ';');
  const std::string time = request.header("x-amz-date");
  const auto signed_at = read_time(time);
  if (scope.size() != 5 || scope[3] != "s3" || scope[4] != "aws4_request" || !signed_at ||
      scope[1] != time.substr(0, 8)) {
    return error_reply(400, "AuthorizationHeaderMalformed");
  }
  if (scope[0] != account.access_key_id) return error_reply(403, "InvalidAccessKeyId");
  if (request.header("x-amz-security-token") != account.session_token) {
    return error_reply(403, "InvalidToken");
  }
  if (account.expired) return error_reply(400, "ExpiredToken");
  // 15 minutes: MinIO's and versitygw's edge, and AWS's documented one.
  if (*signed_at > now + std::chrono::minutes{15} || *signed_at < now - std::chrono::minutes{15}) {
    return error_reply(403, "RequestTimeTooSkewed");
  }
  if (scope[2] != region) {
    return error_reply(400, "AuthorizationHeaderMalformed", "<Region>" + region + "</Region>");
  }
  if (!signs_enough(request, names)) return error_reply(403, "AccessDenied");
  const std::string expected = signature(account.secret, scope, time, canonical(request, names));
  if (field(authorization, "Signature") != expected) {
    return error_reply(403, "SignatureDoesNotMatch");
  }
  return refuse_payload(request);
}

}  // namespace cairn::test::sim::s3
