// The endpoints that give bearer tokens: Microsoft Entra ID, and the managed identities of a
// virtual machine, of App Service and of Azure Arc. Each token given makes those before it
// worthless.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/simulated/message.hpp"
#include "tests/support/simulated_azure/account.hpp"
#include "tests/support/simulated_azure/text.hpp"

namespace cairn::test::sim::azure {

struct TokenOptions {
  std::string authority{"login.microsoftonline.com"};  ///< host and, if it has one, port
  std::string tenant{"00000000-0000-0000-0000-00000000c0de"};
  std::string client_id{"00000000-0000-0000-0000-0000000000a1"};
  std::string client_secret{"simulated-client-secret"};
  std::string assertion{"simulated.federated.token"};
  std::string machine{"169.254.169.254"};
  std::string object_id{"00000000-0000-0000-0000-0000000000b2"};
  std::string resource_id{
      "/subscriptions/1/resourceGroups/g/providers/"
      "Microsoft.ManagedIdentity/userAssignedIdentities/cairn"};
  std::string app_service{"127.0.0.1:41741"};
  std::string app_service_header{"simulated-identity-header"};
  std::string arc{"127.0.0.1:40342"};
  std::string arc_key_file{
      "/var/opt/azcmagent/tokens/simulated.key"};  ///< what the challenge names
  std::string arc_key{"simulated-arc-key"};        ///< what is in that file
  std::chrono::seconds lifetime{3599};
};

class TokenIssuer {
 public:
  TokenIssuer(TokenOptions options, Account& account)
      : options_(std::move(options)), account_(account) {}

  /// Nothing: none of its hosts is meant.
  [[nodiscard]] std::optional<Reply> answer(const vfs::net::Request& request, TimePoint now);

  [[nodiscard]] int given() const { return given_; }
  [[nodiscard]] TokenOptions& options() { return options_; }
  /// What no client may send.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  [[nodiscard]] Reply answer_entra(const Incoming& request);
  [[nodiscard]] Reply answer_machine(const Incoming& request, TimePoint now);
  [[nodiscard]] Reply answer_app_service(const Incoming& request, TimePoint now);
  [[nodiscard]] Reply answer_arc(const Incoming& request, TimePoint now);
  [[nodiscard]] std::optional<Reply> refuse_identity(const Incoming& request,
                                                     const std::string& resource_parameter);
  [[nodiscard]] Reply refuse(int status, const std::string& error, const std::string& text);
  [[nodiscard]] Reply managed_token(TimePoint now);
  [[nodiscard]] std::string next_token();
  void check_known(const Incoming& request, std::string_view parameters, std::string_view headers);

  TokenOptions options_;
  Account& account_;
  int given_{0};
  std::vector<std::string> violations_;
};

}  // namespace cairn::test::sim::azure
