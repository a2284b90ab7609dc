// A machine as the search for credentials sees it: environment, files, and services behind a
// scripted transport.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "tests/support/contains.hpp"
#include "tests/support/scripted_transport.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cairn::test {

/// The clock stands at 2026-02-12 00:00:00 UTC, which is 1770854400. Nobody answers but who was
/// told to.
class ScriptedMachine {
 public:
  ScriptedMachine() { set("HOME", folder_.string()); }

  void set(const std::string& name, const std::string& value) { variables_[name] = value; }
  /// Below HOME. Returns the path.
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    chmod(path.c_str(), mode);
    return path.string();
  }

  /// What services answer, by a part of the URL: the first that fits.
  void answer(const std::string& part, Answer answer) {
    answers_.emplace_back(part, [answer](const vfs::net::Request&) { return answer; });
  }
  void answer(const std::string& part, std::function<Answer(const vfs::net::Request&)> make) {
    answers_.emplace_back(part, std::move(make));
  }

  [[nodiscard]] vfs::Services services(vfs::Config config) {
    config.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(std::string(name));
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    return scripted_services(transport, std::move(config), clock);
  }

  std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
  std::shared_ptr<ScriptedTransport> transport =
      std::make_shared<ScriptedTransport>([this](const vfs::net::Request& request) -> Answer {
        for (const auto& [part, make] : answers_) {
          if (request.url.find(part) != std::string::npos) return make(request);
        }
        return {.failure = vfs::net::TransportFailure::connect};
      });

 private:
  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
  std::vector<std::pair<std::string, std::function<Answer(const vfs::net::Request&)>>> answers_;
};

inline std::string text_of(const vfs::Body& body) {
  std::string text(body.size(), '\0');
  vfs::BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace cairn::test
