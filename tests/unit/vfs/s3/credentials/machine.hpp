// A machine with AWS's files.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_machine.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/s3/credentials.hpp"

namespace cairn::test {

class Machine : public ScriptedMachine {
 public:
  std::string config(const std::string& text) { return file(".aws/config", text); }
  std::string keys(const std::string& text) { return file(".aws/credentials", text); }

  [[nodiscard]] vfs::Services services(vfs::S3Options options = {}) {
    return ScriptedMachine::services({.s3 = std::move(options)});
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
};

}  // namespace cairn::test
