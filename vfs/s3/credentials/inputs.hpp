// What the places that give credentials go by.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/base/services.hpp"
#include "vfs/net/credentials.hpp"
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

/// See net::ask.
[[nodiscard]] inline net::Outcome ask(const CredentialInputs& inputs, net::Question question) {
  return net::ask(inputs.services, inputs.call, std::move(question));
}
/// `refused`, if the service has answered; else that it can't be reached.
[[nodiscard]] std::string hint_of(const net::Outcome& outcome, std::string refused);

/// Where a service of AWS is: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile, or AWS's.
[[nodiscard]] std::string service_endpoint(const CredentialInputs& inputs,
                                           std::string_view variable, std::string_view service,
                                           std::string_view host, std::string_view region);
/// The region to ask STS in: options, environment, profile, us-east-1.
[[nodiscard]] std::string region_of(const CredentialInputs& inputs, const std::string& profile);

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
