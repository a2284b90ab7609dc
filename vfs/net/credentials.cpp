#include "vfs/net/credentials.hpp"

#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::net {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;
constexpr std::size_t kMaxMessage = 500;  // of a service, in an error

std::string first_text(const nlohmann::json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string text = json_text(object, name); !text.empty()) return text;
  }
  return {};
}

/// RFC 6749 section 5.2, the "error" object of Google's APIs, and the members of AWS's services.
ServiceError json_error(const nlohmann::json& answer) {
  const auto nested = answer.find("error");
  if (nested != answer.end() && nested->is_object()) {
    return {.code = first_text(*nested, {"status", "code"}),
            .message = first_text(*nested, {"message"})};
  }
  return {.code = first_text(answer, {"error", "__type", "code", "Code"}),
          .message = first_text(answer, {"error_description", "message", "Message"})};
}

ServiceError service_error(const Response& response) {
  ServiceError error;
  if (const auto json = parse_json_object(response.body)) {
    error = json_error(*json);
  } else if (const auto xml = XmlDocument::parse(response.body)) {
    const pugi::xml_node node = xml->root().child("Error");
    error.code = child_text(node, "Code");
    error.message = child_text(node, "Message");
  }
  // STS has no code of its own for a wrong clock.
  if (error.message.starts_with("Signature expired:") ||
      error.message.starts_with("Signature not yet current:")) {
    error.code = "RequestTimeTooSkewed";
  }
  if (error.message.size() > kMaxMessage) error.message.resize(kMaxMessage);
  return error;
}

bool has_form(const Response& response, AnswerForm form) {
  if (form == AnswerForm::json) return parse_json_object(response.body).has_value();
  return form == AnswerForm::any || XmlDocument::parse(response.body).has_value();
}

std::optional<ServiceError> examine(const Response& response, AnswerForm form) {
  if (response.status < 200 || response.status >= 300) return service_error(response);
  if (has_form(response, form)) return {};
  return ServiceError{.code = "MalformedResponse",
                      .message = form == AnswerForm::json ? "the answer is no JSON object"
                                                          : "the answer is no XML"};
}

}  // namespace

Outcome ask(const Services& services, const CallOptions& call, Question question) {
  Services own = services;
  own.config.retry = {.max_attempts = question.attempts,
                      .base_delay = std::chrono::milliseconds{50},
                      .max_delay = std::chrono::milliseconds{1000}};
  own.endpoints = nullptr;  // a throttled bucket says nothing about these
  Client client(
      own, {.sign =
                [&question](Request& request, std::string_view, TimePoint now, const CallOptions&) {
                  request.url = question.url;
                  if (question.sign) question.sign(request, now);
                },
            .examine = [form = question.answer](
                           const Request&,
                           const Response& response) { return examine(response, form); }});
  Outcome outcome = client.send({.operation = question.operation,
                                 .request = std::move(question.request),
                                 .attempt_timeout = question.timeout,
                                 .options = call});
  if (outcome.failure && (outcome.failure->kind == TransportFailure::cancelled ||
                          outcome.failure->kind == TransportFailure::deadline)) {
    throw TransportError(outcome.failure->kind, outcome.failure->message);
  }
  return outcome;
}

std::string describe(const Outcome& outcome) {
  if (outcome.failure) return outcome.failure->message;
  if (!outcome.error) return "an answer that makes no sense";
  return fmt::format("{}{}{}{}{}", outcome.response.status, outcome.error->code.empty() ? "" : " ",
                     outcome.error->code, outcome.error->message.empty() ? "" : ": ",
                     outcome.error->message);
}

void check_credential_url(const Config& config, std::string_view url) {
  if (url.starts_with("https://") || config.http.allow_plain_http) return;
  if (url.starts_with("http://") && is_loopback(host_of(url))) return;
  throw CredentialError(
      fmt::format("credentials would be asked for unencrypted at {}", redact_url(url)),
      "use https, or set HttpOptions::allow_plain_http if that network is trusted");
}

std::optional<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string text(kMaxFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Request form_request(const Form& form) {
  auto text = std::make_shared<std::string>();
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    if (!text->empty()) *text += '&';
    *text += fmt::format("{}={}", name, percent_encode(value));
  }
  Request request{.method = "POST", .has_body = true};
  request.headers.set("content-type", "application/x-www-form-urlencoded; charset=utf-8");
  request.body.append(as_bytes(*text), text);
  return request;
}

}  // namespace cairn::vfs::net
