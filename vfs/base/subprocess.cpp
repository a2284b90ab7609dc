#include "vfs/base/subprocess.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace cairn::vfs {
namespace {

using Clock = std::chrono::steady_clock;
using End = SubprocessResult::End;

constexpr std::size_t kMaxErrors = 2048;
constexpr int kPollMilliseconds = 50;    // how late a stop is noticed
constexpr int kEndPollMilliseconds = 5;  // how late its end, once it has closed its output

/// Both ends of a pipe, closed at the end, and never inherited by accident.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] bool ok() const { return ends_[0] >= 0; }
  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_write_end() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

/// In a process group of its own, so that what it starts can be ended with it, and without the
/// signals that this program ignores or blocks.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD}) sigaddset(&defaults, signal);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
}

/// For exec: pointers to texts that have to live on, and the end.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// This process's variables without those that are set anew, and these.
std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
  std::vector<std::string> result = variables;
  for (char** own = environ; own != nullptr && *own != nullptr; ++own) {
    const std::string_view variable = *own;
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    const bool anew = std::ranges::any_of(
        variables, [name](const std::string& other) { return other.starts_with(name); });
    if (!anew) result.emplace_back(variable);
  }
  return result;
}

int spawn(const std::vector<std::string>& argv, const std::vector<std::string>& variables,
          const Pipe& output, const Pipe& errors, pid_t& child) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.write_end(), 1);
  posix_spawn_file_actions_adddup2(&files, errors.write_end(), 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  set_attributes(attributes);
  std::vector<char*> arguments = pointers_to(argv);
  const std::vector<std::string> texts = environment_with(variables);
  std::vector<char*> environment = pointers_to(texts);
  const int error =
      posix_spawnp(&child, arguments[0], &files, &attributes, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

/// False at the end of the pipe.
bool read_some(int pipe, std::string& text) {
  char chunk[4096];
  const ssize_t count = read(pipe, chunk, sizeof chunk);
  if (count < 0) return errno == EINTR;
  text.append(chunk, static_cast<std::size_t>(count));
  return count > 0;
}

struct Child {
  pid_t process{0};
  int status{0};  // as waitpid tells it
  bool ended{false};

  void look() {
    const pid_t answer = ended ? 0 : waitpid(process, &status, WNOHANG);
    // -1: somebody else has waited for it (SIGCHLD is ignored), and its status is not known.
    ended = ended || answer == process || (answer < 0 && errno != EINTR);
  }
  /// With all that it has started.
  void end() {
    if (ended) return;
    kill(-process, SIGKILL);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
  }
};

/// Reads both pipes until the child has ended, or a limit is reached. What the child has started
/// may hold the pipes open for longer: nobody waits for that. Absent: it ended.
std::optional<End> collect(Child& child, const Pipe& output, const Pipe& errors,
                           const SubprocessLimits& limits, SubprocessResult& result) {
  const auto end = Clock::now() + limits.time;
  std::array<pollfd, 2> pipes{pollfd{output.read_end(), POLLIN, 0},
                              pollfd{errors.read_end(), POLLIN, 0}};
  for (;;) {
    child.look();  // before the poll: what it has written is in the pipes by now
    const bool open = pipes[0].fd >= 0 || pipes[1].fd >= 0;
    const int patience = child.ended ? 0 : open ? kPollMilliseconds : kEndPollMilliseconds;
    const int ready = poll(pipes.data(), pipes.size(), patience);
    if (ready == 0 && child.ended) return {};
    if (limits.stop.stop_requested()) return End::stopped;
    if (Clock::now() >= end) return End::timed_out;
    if (ready <= 0) continue;
    if (pipes[0].revents != 0 && !read_some(pipes[0].fd, result.output)) pipes[0].fd = -1;
    if (pipes[1].revents != 0 && !read_some(pipes[1].fd, result.errors)) pipes[1].fd = -1;
    if (result.output.size() > limits.output) return End::too_much_output;
    if (result.errors.size() > kMaxErrors) {
      result.errors.erase(0, result.errors.size() - kMaxErrors);
    }
  }
}

}  // namespace

SubprocessResult run_subprocess(const std::vector<std::string>& argv,
                                const SubprocessLimits& limits) {
  SubprocessResult result;
  Pipe output;
  Pipe errors;
  Child child;
  result.code = !output.ok() || !errors.ok()
                    ? errno
                    : spawn(argv, limits.variables, output, errors, child.process);
  if (result.code != 0) return result;
  output.close_write_end();
  errors.close_write_end();
  const auto cut = collect(child, output, errors, limits, result);
  if (cut) {
    child.end();
    result.end = *cut;
  } else if (WIFEXITED(child.status)) {
    result.end = End::exited;
    result.code = WEXITSTATUS(child.status);
  } else {
    result.end = End::signalled;
    result.code = WTERMSIG(child.status);
  }
  return result;
}

std::optional<std::vector<std::string>> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      in_word = true;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      // Within "…" a backslash stands for itself unless it goes before " or \.
      const char next = text[i + 1];
      if (quote == '"' && next != '"' && next != '\\')
        word += c;
      else
        word += text[++i];
      in_word = true;
    } else if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return {};
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace cairn::vfs
