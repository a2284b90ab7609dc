// Where access tokens come from: the token endpoint, the Security Token Service, the IAM
// credentials API and the metadata server, as models in memory. What they give out, an Authority
// accepts.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated_gcs/authority.hpp"

namespace cairn::test::sim::gcs {

struct TokenOptions {
  std::string token_uri{"https://oauth2.googleapis.com/token"};  ///< the audience of assertions
  std::string client_id{"1234.apps.googleusercontent.com"};
  std::string client_secret{"simulated-client-secret"};
  std::string refresh_token{"1//simulated-refresh"};
  std::string subject_token{"simulated-subject"};  ///< of the other identity provider
  std::string audience{
      "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/p"};
  /// Of the machine, and the one that may be impersonated; empty: there is none.
  std::string account{"robot@project.iam.gserviceaccount.com"};
  std::string project{"project"};
  std::chrono::seconds lifetime{3600};
  /// The key of `account`, that Google holds: raw RS256 signature of a text.
  std::function<std::string(std::string_view)> sign{};
};

/// Not thread-safe.
class TokenService {
 public:
  explicit TokenService(Authority& authority, TokenOptions options = {})
      : authority_(&authority), options_(std::move(options)) {}

  /// Absent: the path is none of these services'.
  [[nodiscard]] std::optional<Reply> handle(const vfs::net::Request& request, TimePoint now);

  [[nodiscard]] TokenOptions& options() { return options_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  /// How many tokens it has given out.
  [[nodiscard]] int issued() const { return issued_; }

 private:
  using Form = std::map<std::string, std::string>;
  [[nodiscard]] std::optional<Reply> answer(const Incoming& request);
  [[nodiscard]] Reply oauth(const Incoming& request);
  [[nodiscard]] Reply grant_assertion(const Form& form);
  [[nodiscard]] Reply grant_refresh(const Form& form);
  [[nodiscard]] Reply exchange(const Incoming& request);
  [[nodiscard]] Reply impersonate(const Incoming& request, std::string_view target);
  [[nodiscard]] Reply metadata(const Incoming& request);
  [[nodiscard]] Form read_form(const Incoming& request, std::string_view known);
  [[nodiscard]] std::string issue();
  [[noreturn]] void violate(const std::string& what);

  Authority* authority_;
  TokenOptions options_;
  std::vector<std::string> violations_;
  TimePoint now_{};
  int issued_{0};
};

}  // namespace cairn::test::sim::gcs
