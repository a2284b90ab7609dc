// What the places that give credentials go by, and how they ask over HTTP.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/base/services.hpp"
#include "vfs/net/client.hpp"
#include "vfs/s3/config.hpp"
#include "vfs/s3/credentials.hpp"

namespace cairn::vfs::s3 {

struct CredentialInputs {
  const Services& services;
  Variables variables;
  ProfileFiles files;
  CallOptions call{};
  std::shared_ptr<const Credentials> before{};
  std::vector<std::string> looked_at{};  ///< in vain, in words

  /// "not found" in one place; returns what a provider returns then.
  std::nullopt_t note(std::string place) {
    looked_at.push_back(std::move(place));
    return std::nullopt;
  }
};

/// A small request outside of S3, to a service that gives credentials.
struct Question {
  std::string operation{};  ///< "assume_role", for logs
  net::Request request{};   ///< without a URL
  std::string url{};
  std::chrono::milliseconds timeout{5'000};  ///< of one attempt
  int attempts{3};
  std::function<void(net::Request&, TimePoint now)> sign{};  ///< absent: not signed
};
/// Any answer with a status, after retries of what a retry can cure. Throws TransportError only if
/// the caller has stopped or is late.
[[nodiscard]] net::Outcome ask(const CredentialInputs& inputs, Question question);

/// "403 AccessDenied: why" of an outcome that is not ok().
[[nodiscard]] std::string describe(const net::Outcome& outcome);
/// `refused`, if the service has answered; else that it can't be reached.
[[nodiscard]] std::string hint_of(const net::Outcome& outcome, std::string refused);

/// Throws CredentialError unless the URL is https, or plain http to this machine or allowed.
void check_url(const CredentialInputs& inputs, std::string_view url);

/// Where a service of AWS is: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile, or AWS's.
[[nodiscard]] std::string service_endpoint(const CredentialInputs& inputs,
                                           std::string_view variable, std::string_view service,
                                           std::string_view host, std::string_view region);
/// The region to ask STS in: options, environment, profile, us-east-1.
[[nodiscard]] std::string region_of(const CredentialInputs& inputs, const std::string& profile);

/// A small file, whole. Absent: it can't be read.
[[nodiscard]] std::optional<std::string> read_small_file(const std::string& path);

/// The members of a JSON answer with credentials. Throws CredentialError, naming `place`, if they
/// are not there.
struct JsonNames {
  const char* id{"AccessKeyId"};
  const char* secret{"SecretAccessKey"};
  const char* token{"SessionToken"};
  const char* expires{"Expiration"};
};
[[nodiscard]] Credentials parse_credentials(std::string_view text, const JsonNames& names,
                                            std::string_view place);

}  // namespace cairn::vfs::s3
