// How the storage services refuse: by a code, with the status and the words of Microsoft's pages
// "Common REST API error codes", "Blob Storage error codes" and "Data Lake Storage: Path" (Other
// Status Codes).
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated/message.hpp"

namespace cairn::test::sim::azure {

enum class Endpoint { blob, dfs };

/// Thrown by a call; Server::handle makes an answer of it.
class Refusal : public std::exception {
 public:
  explicit Refusal(std::string code, std::string detail = {});
  [[nodiscard]] const char* what() const noexcept override { return code.c_str(); }

  std::string code;
  std::string detail;  ///< <AuthenticationErrorDetail>
  int status{0};
  std::string message{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// XML at the blob endpoint, JSON at dfs; x-ms-error-code at both. The message goes on with a line
/// that names the request.
[[nodiscard]] Reply to_reply(const Refusal& refusal, Endpoint endpoint,
                             const std::string& request_id);

}  // namespace cairn::test::sim::azure
