// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfs/base/subprocess.hpp"
#include "vfs/net/json.hpp"
#include "vfs/s3/credentials/places.hpp"

namespace cairn::vfs::s3 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest{30'000};

/// Whoever can write the file can run programs as this user.
void check_owner(const std::string& path) {
  struct stat info{};
  const bool known = stat(path.c_str(), &info) == 0;
  const bool ours = known && (info.st_uid == geteuid() || info.st_uid == 0);
  if (ours && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  throw CredentialError(
      fmt::format("{} names a credential_process, and others may write to that file", path),
      fmt::format("chmod 600 {}", path));
}

std::string describe_end(const SubprocessResult& result) {
  switch (result.end) {
    case SubprocessResult::End::exited:
      return fmt::format("it ended with status {}", result.code);
    case SubprocessResult::End::signalled:
      return fmt::format("signal {} ended it", result.code);
    case SubprocessResult::End::timed_out:
      return "it did not end within 30 s";
    case SubprocessResult::End::too_much_output:
      return "it wrote more than 64 KiB";
    case SubprocessResult::End::stopped:
      return "cancelled";
    case SubprocessResult::End::not_started:
      return fmt::format("it could not be started (error {})", result.code);
  }
  return {};
}

/// 30 s, or what the caller has left.
milliseconds time_for(const CredentialInputs& inputs) {
  if (!inputs.call.deadline) return kLongest;
  const auto left = *inputs.call.deadline - inputs.services.clock->steady_now();
  return std::min(kLongest, std::chrono::duration_cast<milliseconds>(left));
}

/// The last line that is not empty.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const std::size_t begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

}  // namespace

Credentials from_process(CredentialInputs& inputs, const std::string& command,
                         const std::string& path) {
  check_owner(path);
  const auto argv = split_words(command);
  if (!argv || argv->empty()) {
    throw CredentialError(fmt::format("the credential_process of {} is no command", path),
                          "are its quotes closed?");
  }
  const std::string place = fmt::format("the credential_process {} of {}", argv->front(), path);
  const milliseconds time = time_for(inputs);
  const SubprocessResult result = run_subprocess(*argv, {.time = time, .stop = inputs.call.stop});
  if (result.end == SubprocessResult::End::stopped) {
    throw net::TransportError(net::TransportFailure::cancelled, "cancelled");
  }
  if (result.end == SubprocessResult::End::timed_out && time < kLongest) {
    throw net::TransportError(net::TransportFailure::deadline,
                              "the deadline has passed while " + place + " was running");
  }
  if (result.end != SubprocessResult::End::exited || result.code != 0) {
    const std::string said = last_line(result.errors);
    throw CredentialError(fmt::format("{} failed: {}{}{}", place, describe_end(result),
                                      said.empty() ? "" : "; it says: ", said),
                          "run it by hand to see why");
  }
  const auto json = net::parse_json_object(result.output);
  if (json && (!json->contains("Version") || json->at("Version") != 1)) {
    throw CredentialError(fmt::format("{} gave JSON without \"Version\": 1", place));
  }
  Credentials credentials = parse_credentials(result.output, {}, place);
  if (credentials.expires && *credentials.expires <= inputs.services.clock->now()) {
    throw CredentialError(fmt::format("{} gave credentials that have expired", place));
  }
  return credentials;
}

}  // namespace cairn::vfs::s3
