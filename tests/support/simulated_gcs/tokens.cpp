#include "tests/support/simulated_gcs/tokens.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_gcs/jwt.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kServiceAccounts = "/v1/projects/-/serviceAccounts/";
constexpr std::string_view kMachine = "/computeMetadata/v1/instance/service-accounts/";

struct Answered {
  Reply reply{};
};

Reply json(int status, const Json& document) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json; charset=UTF-8"}},
          .body = document.dump()};
}

/// RFC 6749 section 5.2.
Reply oauth_error(int status, const std::string& error, const std::string& description) {
  return json(status, {{"error", error}, {"error_description", description}});
}

/// https://cloud.google.com/apis/design/errors
Reply api_error(int code, const std::string& status, const std::string& message) {
  return json(code, {{"error", {{"code", code}, {"message", message}, {"status", status}}}});
}

std::string form_decode(std::string text) {
  std::ranges::replace(text, '+', ' ');
  return decode(text);
}

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string{} : found->second;
}

bool is_cloud_scope(std::string_view scope) {
  return scope.find("https://www.googleapis.com/auth/cloud-platform") != scope.npos ||
         scope.find("https://www.googleapis.com/auth/devstorage.") != scope.npos ||
         scope.find("https://www.googleapis.com/auth/iam") != scope.npos;
}

}  // namespace

void TokenService::violate(const std::string& what) {
  violations_.push_back(what);
  throw Answered{oauth_error(400, "invalid_request", what)};
}

std::string TokenService::issue() {
  ++issued_;
  return authority_->issue(now_, options_.lifetime);
}

std::optional<Reply> TokenService::handle(const vfs::net::Request& request, TimePoint now) {
  now_ = now;
  try {
    return answer(read_request(request));
  } catch (const Answered& answered) {
    return answered.reply;
  }
}

std::optional<Reply> TokenService::answer(const Incoming& request) {
  if (request.path == "/token") return oauth(request);
  if (request.path == "/v1/token") return exchange(request);
  if (request.path.starts_with(kServiceAccounts)) {
    return impersonate(request, std::string_view(request.path).substr(kServiceAccounts.size()));
  }
  if (request.path.starts_with("/computeMetadata/")) return metadata(request);
  return {};
}

TokenService::Form TokenService::read_form(const Incoming& request, std::string_view known) {
  if (request.method != "POST") violate("a token is asked for with " + request.method);
  if (request.header("content-type") != "application/x-www-form-urlencoded") {
    violate("a form of the type " + request.header("content-type"));
  }
  Form form;
  for (const std::string& pair : split(request.body, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) violate("a form without values: " + pair);
    const std::string name = form_decode(pair.substr(0, equals));
    const std::vector<std::string> names = split(known, ' ');
    if (std::ranges::find(names, name) == names.end()) violate("an unknown field: " + name);
    if (!form.emplace(name, form_decode(pair.substr(equals + 1))).second) {
      violate("a field that comes twice: " + name);
    }
  }
  return form;
}

Reply TokenService::oauth(const Incoming& request) {
  const Form form =
      read_form(request, "assertion client_id client_secret grant_type refresh_token scope");
  const std::string grant = field(form, "grant_type");
  if (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") return grant_assertion(form);
  if (grant == "refresh_token") return grant_refresh(form);
  return oauth_error(400, "unsupported_grant_type", "Invalid grant_type: " + grant);
}

/// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
Reply TokenService::grant_assertion(const Form& form) {
  const auto jwt = read_jwt(field(form, "assertion"));
  if (!jwt) return oauth_error(400, "invalid_grant", "Invalid JWT.");
  const std::string* key = authority_->public_key(jwt->text("iss"));
  if (key == nullptr) {
    return oauth_error(400, "invalid_grant", "Invalid grant: account not found");
  }
  if (const auto problem = refuse_jwt(*jwt, *key, now_)) {
    return oauth_error(400, "invalid_grant", *problem);
  }
  if (jwt->text("aud") != options_.token_uri) {
    return oauth_error(400, "invalid_grant", "Invalid JWT: Failed audience check.");
  }
  if (!is_cloud_scope(jwt->text("scope"))) {
    return oauth_error(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  }
  return json(200, {{"access_token", issue()},
                    {"expires_in", options_.lifetime.count()},
                    {"token_type", "Bearer"}});
}

/// https://developers.google.com/identity/protocols/oauth2/web-server#offline
Reply TokenService::grant_refresh(const Form& form) {
  if (field(form, "client_id") != options_.client_id ||
      field(form, "client_secret") != options_.client_secret) {
    return oauth_error(401, "invalid_client", "Unauthorized");
  }
  if (field(form, "refresh_token") != options_.refresh_token) {
    return oauth_error(400, "invalid_grant", "Token has been expired or revoked.");
  }
  return json(200, {{"access_token", issue()},
                    {"expires_in", options_.lifetime.count()},
                    {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                    {"token_type", "Bearer"}});
}

/// https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
Reply TokenService::exchange(const Incoming& request) {
  const Form form =
      read_form(request,
                "audience client_id client_secret grant_type options requested_token_type scope "
                "subject_token subject_token_type");
  if (field(form, "grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange") {
    return oauth_error(400, "unsupported_grant_type", "Invalid grant_type");
  }
  if (field(form, "requested_token_type") != kAccessToken ||
      field(form, "subject_token_type").empty()) {
    violate("a token exchange without the types of its tokens");
  }
  if (field(form, "audience") != options_.audience) {
    return oauth_error(400, "invalid_target",
                       "The target service indicated by the \"audience\" "
                       "parameters is invalid.");
  }
  if (field(form, "subject_token") != options_.subject_token) {
    return oauth_error(400, "invalid_grant",
                       "The given credential is rejected by the attribute "
                       "condition.");
  }
  if (!is_cloud_scope(field(form, "scope"))) {
    return oauth_error(400, "invalid_scope", "The scope is invalid.");
  }
  return json(200, {{"access_token", issue()},
                    {"issued_token_type", kAccessToken},
                    {"token_type", "Bearer"},
                    {"expires_in", options_.lifetime.count()}});
}

/// "EMAIL:generateAccessToken", "EMAIL:signBlob"
/// (https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts).
Reply TokenService::impersonate(const Incoming& request, std::string_view target) {
  const std::string authorization = request.header("authorization");
  const std::string token = authorization.substr(std::min<std::size_t>(7, authorization.size()));
  if (!authorization.starts_with("Bearer ") ||
      authority_->standing(token, now_) != Authority::Standing::good) {
    return api_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  }
  const std::size_t colon = target.rfind(':');
  const std::string_view email = target.substr(0, colon);
  const std::string_view verb = colon == target.npos ? target : target.substr(colon + 1);
  const auto body = Json::parse(request.body, nullptr, false);
  if (request.method != "POST" || !body.is_object()) violate("an IAM call without a document");
  if (options_.account.empty() || email != options_.account) {
    return api_error(403, "PERMISSION_DENIED",
                     "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it "
                     "may not exist).");
  }
  if (verb == "signBlob" && options_.sign) {
    const auto payload = from_base64(body.value("payload", ""));
    if (!payload) return api_error(400, "INVALID_ARGUMENT", "The payload is no base64.");
    return json(200, {{"keyId", "simulated"}, {"signedBlob", base64(options_.sign(*payload))}});
  }
  if (verb != "generateAccessToken") violate("an unknown IAM call: " + std::string(verb));
  if (!body.contains("scope") || !is_cloud_scope(body["scope"].dump())) {
    return api_error(400, "INVALID_ARGUMENT", "Scope required.");
  }
  const std::string ends = rfc3339(now_ + options_.lifetime);
  return json(200, {{"accessToken", issue()}, {"expireTime", ends.substr(0, 19) + "Z"}});
}

/// https://cloud.google.com/compute/docs/metadata/querying-metadata: the header must be there, and
/// each answer has it, too.
Reply TokenService::metadata(const Incoming& request) {
  Reply reply{.headers = {{"Metadata-Flavor", "Google"}, {"Server", "Metadata Server for VM"}}};
  if (request.header("metadata-flavor") != "Google" || request.has("x-forwarded-for")) {
    violations_.emplace_back("the metadata server is asked without Metadata-Flavor: Google");
    reply.status = 403;
    reply.body = "Missing Metadata-Flavor:Google header.";
    return reply;
  }
  const std::string account = std::string(kMachine) + "default/";
  const std::string by_name = std::string(kMachine) + options_.account + "/";
  const auto asks_for = [&](const std::string& what) {
    return !options_.account.empty() &&
           (request.path == account + what || request.path == by_name + what);
  };
  reply.set("Content-Type", "application/text");
  if (asks_for("token")) {
    reply.set("Content-Type", "application/json");
    reply.body = Json{{"access_token", issue()},
                      {"expires_in", options_.lifetime.count()},
                      {"token_type", "Bearer"}}
                     .dump();
  } else if (asks_for("email")) {
    reply.body = options_.account;
  } else if (request.path == "/computeMetadata/v1/project/project-id") {
    reply.body = options_.project;
  } else if (request.path == "/computeMetadata/v1/universe/universe-domain") {
    reply.body = "googleapis.com";
  } else {
    reply.status = 404;
  }
  return reply;
}

}  // namespace cairn::test::sim::gcs
