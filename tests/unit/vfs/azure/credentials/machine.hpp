// A machine as the search for Azure's credentials sees it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_machine.hpp"
#include "vfs/azure/credentials.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::test {

class AzureMachine : public ScriptedMachine {
 public:
  static constexpr const char* kEndpoint = "https://acct.blob.core.windows.net";

  [[nodiscard]] vfs::Services services(vfs::AzureOptions options = {}) {
    return ScriptedMachine::services({.azure = std::move(options)});
  }
  vfs::azure::Credentials find(vfs::AzureOptions options = {},
                               std::string_view endpoint = kEndpoint) {
    return vfs::azure::find_credentials(services(std::move(options)), endpoint, {});
  }
  /// What is thrown, and its hint.
  std::string failure(vfs::AzureOptions options = {}) {
    try {
      static_cast<void>(find(std::move(options)));
    } catch (const vfs::net::CredentialError& error) {
      return std::string(error.what()) + " | " + error.hint();
    }
    FAIL("it found some");
    return {};
  }
  [[nodiscard]] std::size_t requests() const { return transport->requests().size(); }
};

/// "a=b&c=d" as pairs, decoded as the URL standard says it for forms and queries.
inline std::map<std::string, std::string> parse_pairs(std::string_view text) {
  const auto decode = [](std::string_view part) {
    std::string result;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] == '%' && i + 2 < part.size()) {
        result += static_cast<char>(std::stoi(std::string(part.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        result += part[i] == '+' ? ' ' : part[i];
      }
    }
    return result;
  };
  std::map<std::string, std::string> pairs;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) {
      pairs.emplace(decode(pair.substr(0, equals)), decode(pair.substr(equals + 1)));
    }
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
  return pairs;
}

inline std::map<std::string, std::string> form_of(const vfs::net::Request& request) {
  return parse_pairs(text_of(request.body));
}

inline std::map<std::string, std::string> query_of(const vfs::net::Request& request) {
  const std::size_t mark = request.url.find('?');
  return parse_pairs(mark == std::string::npos ? ""
                                               : std::string_view(request.url).substr(mark + 1));
}

}  // namespace cairn::test
