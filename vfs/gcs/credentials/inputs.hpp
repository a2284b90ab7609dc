// What the places that give credentials go by, and the JSON documents that describe some of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "vfs/base/services.hpp"
#include "vfs/base/variables.hpp"
#include "vfs/gcs/credentials.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::vfs::gcs {

struct CredentialInputs {
  const Services& services;
  Variables variables;
  CallOptions call{};
  std::vector<std::string> looked_at{};  ///< in vain, in words

  /// "not found" in one place; returns what a provider returns then.
  std::nullopt_t note(std::string place) {
    looked_at.push_back(std::move(place));
    return std::nullopt;
  }
  [[nodiscard]] TimePoint now() const { return services.clock->now(); }
};

/// See net::ask.
[[nodiscard]] inline net::Outcome ask(const CredentialInputs& inputs, net::Question question) {
  return net::ask(inputs.services, inputs.call, std::move(question));
}
/// The answer is a JSON object.
[[nodiscard]] inline net::Outcome ask_for_json(const CredentialInputs& inputs,
                                               net::Question question) {
  question.answer = net::AnswerForm::json;
  return ask(inputs, std::move(question));
}
/// `refused`, if the service has answered; else that it can't be reached.
[[nodiscard]] std::string hint_of(const net::Outcome& outcome, std::string refused);

/// A JSON object that describes credentials, or a part of one.
struct Document {
  std::string place{};  ///< for messages: "key.json"
  nlohmann::json json{};

  /// Empty if there is no such text.
  [[nodiscard]] std::string text(const char* name) const;
  /// Throws CredentialError if there is no such text, or if it is empty.
  [[nodiscard]] std::string require(const char* name) const;
  /// An object within this one. Throws CredentialError if there is none.
  [[nodiscard]] Document member(const char* name) const;
  [[nodiscard]] bool has(const char* name) const { return json.contains(name); }
  /// `universe_domain`, checked.
  [[nodiscard]] std::string universe() const;
  /// A URL that secrets are sent to, checked; `fallback` if the document names none.
  [[nodiscard]] std::string service_url(const CredentialInputs& inputs, const char* name,
                                        const std::string& fallback) const;
};

/// Throws CredentialError that says what is wrong with the file, or with the text of `place`.
[[nodiscard]] Document read_document(const std::string& path);
[[nodiscard]] Document parse_document(std::string place, std::string_view text);

/// POST of a JSON object, with a bearer token.
[[nodiscard]] net::Request json_request(const nlohmann::json& body, const Secret& token);
/// By which a client of an authorization server says who it is: RFC 6749 section 2.3.1.
[[nodiscard]] std::string basic_authorization(const std::string& id, const std::string& secret);

/// RFC 6749 section 5.1: access_token and expires_in. Throws CredentialError, beginning with
/// `what`, if the outcome is not that.
struct Expectation {
  std::string what{};  ///< "the login of adc.json"
  std::string hint{};  ///< if it was refused
};
[[nodiscard]] Credentials parse_token(const CredentialInputs& inputs, const net::Outcome& outcome,
                                      const Expectation& expected);

/// Seconds that a JSON answer gives as a number or, against the RFC, as a text.
[[nodiscard]] std::optional<std::chrono::seconds> seconds_of(const nlohmann::json& answer,
                                                             const char* name);

}  // namespace cairn::vfs::gcs
