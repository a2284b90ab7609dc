#include "tests/support/simulated_gcs/errors.hpp"

#include <nlohmann/json.hpp>

namespace cairn::test::sim::gcs {
namespace {

/// RFC 6750 section 3: a 401 names the scheme.
void add_challenge(const Refused& refused, Reply& reply) {
  if (refused.status != 401) return;
  std::string challenge = "Bearer realm=\"https://accounts.google.com/\"";
  if (refused.reason == "authError") challenge += ", error=\"invalid_token\"";
  reply.set("WWW-Authenticate", challenge);
}

}  // namespace

Reply json_error(const Refused& refused) {
  if (refused.status == 304) return {.status = 304};
  nlohmann::ordered_json entry{
      {"message", refused.message}, {"domain", refused.domain}, {"reason", refused.reason}};
  if (!refused.location.empty()) {
    entry["locationType"] = refused.location_type;
    entry["location"] = refused.location;
  }
  nlohmann::ordered_json error{{"code", refused.status}, {"message", refused.message}};
  error["errors"] = nlohmann::ordered_json::array();
  error["errors"].push_back(std::move(entry));
  nlohmann::ordered_json document;
  document["error"] = std::move(error);
  Reply reply{.status = refused.status,
              .headers = {{"Content-Type", "application/json; charset=UTF-8"}},
              .body = document.dump(2)};
  add_challenge(refused, reply);
  return reply;
}

Reply xml_error(const Refused& refused) {
  if (refused.status == 304) return {.status = 304};
  const std::string code = refused.code.empty() ? "InvalidArgument" : refused.code;
  Reply reply{.status = refused.status,
              .headers = {{"Content-Type", "application/xml; charset=UTF-8"}},
              .body = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>" + code +
                      "</Code><Message>" + escape_xml(refused.message) + "</Message></Error>"};
  add_challenge(refused, reply);
  return reply;
}

Reply text_error(const Refused& refused) {
  if (refused.status == 304) return {.status = 304};
  Reply reply{.status = refused.status,
              .headers = {{"Content-Type", "text/html; charset=UTF-8"}},
              .body = refused.message};
  add_challenge(refused, reply);
  return reply;
}

Refused invalid(const std::string& message) {
  return {.status = 400, .reason = "invalid", .code = "InvalidArgument", .message = message};
}

Refused no_such_object(const std::string& bucket, const std::string& name) {
  return {.status = 404,
          .reason = "notFound",
          .code = "NoSuchKey",
          .message = "No such object: " + bucket + "/" + name};
}

Refused condition_not_met() {
  return {.status = 412,
          .reason = "conditionNotMet",
          .code = "PreconditionFailed",
          .message = "At least one of the pre-conditions you specified did not hold.",
          .location_type = "header",
          .location = "If-Match"};
}

Refused not_modified() {
  return {.status = 304};
}

Refused rate_limit_exceeded() {
  return {.status = 429,
          .reason = "rateLimitExceeded",
          .code = "SlowDown",
          .message =
              "The object exceeded the rate limit for object mutation operations (create, "
              "update, and delete). Please reduce your request rate.",
          .domain = "usageLimits"};
}

Refused backend_error(int status) {
  const bool busy = status == 503;
  return {.status = status,
          .reason = busy ? "backendError" : "internalError",
          .code = busy ? "ServiceUnavailable" : "InternalError",
          .message = "We encountered an internal error. Please try again."};
}

}  // namespace cairn::test::sim::gcs
