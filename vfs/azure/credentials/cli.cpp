// The token of whoever has run `az login` on this machine.
// https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "vfs/azure/credentials/places.hpp"
#include "vfs/azure/credentials/tokens.hpp"
#include "vfs/base/subprocess.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::vfs::azure {
namespace {

using std::chrono::milliseconds;
using End = SubprocessResult::End;

constexpr milliseconds kLongest{30'000};

/// In the absolute folders of PATH: what lies in the working directory is nobody's `az`.
std::string find_program(std::string_view name, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    if (path.starts_with('/')) {
      std::string program = fmt::format("{}/{}", path.substr(0, end), name);
      if (access(program.c_str(), X_OK) == 0) return program;
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

milliseconds time_for(const CredentialInputs& inputs) {
  if (!inputs.call.deadline) return kLongest;
  const auto left = *inputs.call.deadline - inputs.services.clock->steady_now();
  return std::clamp(std::chrono::duration_cast<milliseconds>(left), milliseconds{0}, kLongest);
}

SubprocessResult run(const CredentialInputs& inputs, const std::string& program) {
  std::vector<std::string> argv{program, "account",    "get-access-token",    "--output",
                                "json",  "--resource", std::string(kResource)};
  std::string tenant = inputs.options().tenant_id;
  if (tenant.empty()) {
    tenant = inputs.variables.first_of({"AZURE_STORAGE_TENANT_ID", "AZURE_TENANT_ID"})
                 .value_or(std::string{});
  }
  if (is_tenant(tenant)) argv.insert(argv.end(), {"--tenant", tenant});
  const milliseconds time = time_for(inputs);
  SubprocessResult result = run_subprocess(argv, {.time = time, .stop = inputs.call.stop});
  if (result.end == End::stopped) {
    throw net::TransportError(net::TransportFailure::cancelled, "cancelled");
  }
  if (result.end == End::timed_out && time < kLongest) {
    throw net::TransportError(net::TransportFailure::deadline,
                              "the deadline has passed while the Azure CLI was running");
  }
  return result;
}

/// Of what it says, the line that tells most.
std::string error_line(std::string_view errors) {
  const std::size_t start = errors.find("ERROR: ");
  if (start != std::string_view::npos) errors.remove_prefix(start);
  return std::string(errors.substr(0, errors.find_first_of("\r\n")));
}

}  // namespace

Found from_azure_cli(CredentialInputs& inputs) {
  const std::string program =
      find_program("az", inputs.variables.find("PATH").value_or(std::string{}));
  if (program.empty()) return inputs.note("Azure CLI (there is no az in PATH)");
  const SubprocessResult result = run(inputs, program);
  if (result.end == End::exited && result.code == 0) {
    return parse_token(result.output, inputs.services.clock->now(), "the Azure CLI");
  }
  const bool refused = result.errors.find("AADSTS") != std::string::npos;
  if (!refused && result.errors.find("az login") != std::string::npos) {
    return inputs.note("Azure CLI (nobody has run az login)");
  }
  throw net::CredentialError(
      fmt::format("the Azure CLI gave no token: {}", result.end == End::timed_out
                                                         ? "it did not end within 30 s"
                                                         : error_line(result.errors)),
      "run by hand: az account get-access-token --resource https://storage.azure.com");
}

}  // namespace cairn::vfs::azure
