// A machine as the search for credentials sees it: environment, AWS's files, and services behind a
// scripted transport.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "tests/support/temporary_folder.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/s3/credentials.hpp"

namespace cairn::test {

/// The clock stands at 2026-02-12 00:00:00 UTC.
class Machine {
 public:
  Machine() {
    set("HOME", folder_.string());
    std::filesystem::create_directories(folder_.path() / ".aws/sso/cache");
  }

  void set(const std::string& name, const std::string& value) { variables_[name] = value; }
  /// Returns the path.
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string config(const std::string& text) { return file(".aws/config", text); }
  std::string keys(const std::string& text) { return file(".aws/credentials", text); }

  /// What services answer, by a part of the URL: the first that fits.
  void answer(const std::string& part, Answer answer) {
    answers_.emplace_back(part, [answer](const vfs::net::Request&) { return answer; });
  }
  void answer(const std::string& part, std::function<Answer(const vfs::net::Request&)> make) {
    answers_.emplace_back(part, std::move(make));
  }

  [[nodiscard]] vfs::Services services(vfs::S3Options options = {}) {
    vfs::Config config{.s3 = std::move(options)};
    config.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(std::string(name));
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    return scripted_services(transport, std::move(config), clock);
  }
  vfs::s3::Credentials find(vfs::S3Options options = {},
                            const std::shared_ptr<const vfs::s3::Credentials>& before = nullptr) {
    return vfs::s3::find_credentials(services(std::move(options)), {}, before);
  }
  /// What is thrown, and its hint.
  std::string failure(vfs::S3Options options = {}) {
    try {
      static_cast<void>(find(std::move(options)));
    } catch (const vfs::s3::CredentialError& error) {
      return std::string(error.what()) + " | " + error.hint();
    }
    FAIL("it found some");
    return {};
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

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace cairn::test
