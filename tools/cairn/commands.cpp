#include "tools/cairn/commands.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <istream>
#include <optional>
#include <ostream>
#include <utility>

#include "vfs/copy.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

namespace cairn::tools {
namespace {

constexpr std::string_view kStandardStream = "-";
constexpr std::size_t kChunk = std::size_t{8} << 20;

[[noreturn]] void fail(vfs::ErrorCode code, std::string operation, std::string url,
                       std::string message, std::string hint = {}) {
  throw vfs::Error(code, {.operation = std::move(operation),
                          .url = std::move(url),
                          .message = std::move(message),
                          .hint = std::move(hint)});
}

std::string url_of(const vfs::Location& location) {
  return location.file_system.url(location.path);
}

/// What is there, or not_found.
vfs::FileInfo find(const Session& session, const vfs::Location& location, std::string operation) {
  auto info = location.file_system.stat(location.path, {.stop = session.stop});
  if (!info) {
    fail(vfs::ErrorCode::not_found, std::move(operation), url_of(location),
         "there is neither a file nor a directory of that name");
  }
  return *std::move(info);
}

bool is_directory(const vfs::FileInfo& info) {
  return info.type == vfs::FileType::directory;
}

/// The name of an entry below the listed directory.
std::string name_below(const vfs::Path& directory, const vfs::FileInfo& entry) {
  std::string_view name = entry.path.string();
  const std::string& above = directory.string();
  if (!above.empty() && name.starts_with(above)) name.remove_prefix(above.size());
  while (name.starts_with('/')) name.remove_prefix(1);
  std::string text(name);
  if (is_directory(entry) && !text.ends_with('/')) text += '/';
  return text;
}

void print_entry(std::ostream& out, const vfs::FileInfo& entry, std::string_view name) {
  const bool directory = is_directory(entry);
  out << std::setw(14) << (directory ? "-" : std::to_string(entry.size)) << "  " << std::setw(19)
      << (directory ? "-" : time_text(entry.modified)) << "  " << name << '\n';
}

vfs::WriteOptions write_options(const Session& session, bool if_absent) {
  return {.if_absent = if_absent, .call = {.stop = session.stop}};
}

void write_output(const Session& session, const vfs::Location& location) {
  auto reader = location.file_system.open_read(location.path, {.call = {.stop = session.stop}});
  vfs::Buffer chunk(kChunk);
  while (const std::size_t count = reader.read(chunk.span())) {
    session.output.write(reinterpret_cast<const char*>(chunk.data()),
                         static_cast<std::streamsize>(count));
    if (!session.output) return;  // main() tells a full disk from a closed pipe
  }
}

void read_input(const Session& session, const vfs::Location& location, bool if_absent) {
  auto writer = location.file_system.open_write(location.path, write_options(session, if_absent));
  vfs::Buffer chunk(kChunk);
  do {
    session.input.read(reinterpret_cast<char*>(chunk.data()), kChunk);
    writer.write(chunk.span().first(static_cast<std::size_t>(session.input.gcount())));
  } while (session.input);
  if (session.input.bad()) {
    fail(vfs::ErrorCode::io, "read", std::string(kStandardStream), "the standard input failed");
  }
  writer.commit();
}

/// The destination of a copy or move: "dir/" stands for "dir/NAME".
vfs::Location destination(const Session& session, const TransferCommand& command,
                          const vfs::Path& from) {
  auto to = session.context->resolve(command.to);
  if (to.path.empty() || to.path.has_trailing_slash()) {
    if (from.name().empty()) {
      fail(vfs::ErrorCode::invalid_argument, "write", command.to,
           "the name of the file is missing");
    }
    to.path = to.path / from.name();
  }
  return to;
}

/// A file to copy or move from.
vfs::Location source(const Session& session, const TransferCommand& command,
                     std::string_view operation) {
  auto from = session.context->resolve(command.from);
  if (is_directory(find(session, from, std::string(operation)))) {
    fail(vfs::ErrorCode::is_a_directory, std::string(operation), url_of(from),
         "it is a directory, and only files are copied");
  }
  return from;
}

}  // namespace

std::string time_text(vfs::TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), size};
}

void list(const Session& session, const ListCommand& command) {
  const auto [files, path] = session.context->resolve(command.url);
  if (!path.empty() && !path.has_trailing_slash()) {
    const auto info = find(session, {files, path}, "list");
    if (!is_directory(info)) {
      print_entry(session.output, info, path.name());
      return;
    }
  }
  const auto entries =
      files.list(path, {.recursive = command.recursive, .call = {.stop = session.stop}});
  for (const auto& entry : entries) {
    print_entry(session.output, entry, name_below(path, entry));
  }
}

void cat(const Session& session, const std::vector<std::string>& urls) {
  for (const auto& url : urls) write_output(session, session.context->resolve(url));
}

void stat(const Session& session, const std::string& url) {
  const auto location = session.context->resolve(url);
  const auto info = find(session, location, "stat");
  auto& out = session.output;
  out << "url: " << url_of(location) << '\n';
  out << "type: " << (is_directory(info) ? "directory" : "file") << '\n';
  if (is_directory(info)) return;
  out << "size: " << info.size << '\n';
  out << "modified: " << time_text(info.modified) << '\n';
  if (!info.etag.empty()) out << "etag: " << info.etag << '\n';
  if (!info.version.empty()) out << "version: " << info.version << '\n';
  if (!info.content_type.empty()) out << "content-type: " << info.content_type << '\n';
  for (const auto& [name, value] : info.metadata)
    out << "metadata " << name << ": " << value << '\n';
}

void remove(const Session& session, const RemoveCommand& command) {
  for (const auto& url : command.urls) {
    const auto location = session.context->resolve(url);
    if (location.path.empty() || location.path.string() == "/") {
      fail(vfs::ErrorCode::invalid_argument, "remove", url_of(location),
           "a whole bucket or disk is not removed", "name a directory in it");
    }
    if (!is_directory(find(session, location, "remove"))) {
      location.file_system.remove(location.path, {.stop = session.stop});
      continue;
    }
    if (!command.recursive) {
      fail(vfs::ErrorCode::is_a_directory, "remove", url_of(location), "it is a directory",
           "rm -r removes it with all that is in it");
    }
    location.file_system.remove_all(location.path, {.stop = session.stop});
  }
}

void copy(const Session& session, const TransferCommand& command) {
  if (command.from == kStandardStream) {
    read_input(session, session.context->resolve(command.to), command.if_absent);
    return;
  }
  if (command.to == kStandardStream) {
    write_output(session, session.context->resolve(command.from));
    return;
  }
  const auto from = source(session, command, "read");
  const auto to = destination(session, command, from.path);
  vfs::copy(from, to, write_options(session, command.if_absent));
}

void move(const Session& session, const TransferCommand& command) {
  const auto from = source(session, command, "move");
  const auto to = destination(session, command, from.path);
  if (&from.file_system.store() == &to.file_system.store()) {
    from.file_system.move(from.path, to.path, write_options(session, command.if_absent));
    return;
  }
  vfs::copy(from, to, write_options(session, command.if_absent));
  from.file_system.remove(from.path, {.stop = session.stop});
}

}  // namespace cairn::tools
