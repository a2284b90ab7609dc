// The commands of the command line, free of its syntax. Each throws vfs::Error.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "vfs/context.hpp"
#include "vfs/types.hpp"

namespace cairn::tools {

/// What a command works with. `input` is what "-" reads from, `output` what it and listings write
/// to.
struct Session {
  std::shared_ptr<vfs::Context> context{};
  std::istream& input;
  std::ostream& output;
  std::stop_token stop{};
};

struct ListCommand {
  std::string url{};
  bool recursive{false};
};

struct RemoveCommand {
  std::vector<std::string> urls{};
  bool recursive{false};
};

struct TransferCommand {
  std::string from{};
  std::string to{};  ///< ends with '/': the name of `from` is added
  bool if_absent{false};
};

struct SignCommand {
  std::string url{};
  std::uint32_t expires{3600};  ///< seconds
  bool put{false};              ///< a URL to write with, not to read
};

struct UploadsCommand {
  std::string url{};
  bool remove{false};
  std::uint32_t older_than{24};  ///< hours
};

/// "2026-11-24 05:44:47", UTC.
[[nodiscard]] std::string time_text(vfs::TimePoint time);

/// One line per entry: size, time of change in UTC, name. A file lists itself.
void list(const Session& session, const ListCommand& command);
/// The files' bytes, one after the other.
void cat(const Session& session, const std::vector<std::string>& urls);
/// What is known about a file or directory, one "name: value" per line.
void stat(const Session& session, const std::string& url);
/// Throws not_found for what is not there, and is_a_directory unless recursive.
void remove(const Session& session, const RemoveCommand& command);
/// Between any two stores; "-" is the standard input or output.
void copy(const Session& session, const TransferCommand& command);
void move(const Session& session, const TransferCommand& command);
/// A URL by which anybody can read or write the file until it expires.
void sign(const Session& session, const SignCommand& command);
/// Uploads that nobody has ended: when they began, and of what. Or removes those of a certain age,
/// and lists them.
void uploads(const Session& session, const UploadsCommand& command);

}  // namespace cairn::tools
