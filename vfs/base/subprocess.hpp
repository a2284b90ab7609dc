// Another program's output.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace cairn::vfs {

struct SubprocessLimits {
  std::chrono::milliseconds time{30'000};
  std::size_t output{64U << 10U};
  std::stop_token stop{};
  std::vector<std::string> variables{};  ///< "NAME=value", beside those of this process
};

struct SubprocessResult {
  enum class End { exited, signalled, timed_out, too_much_output, stopped, not_started };
  End end{End::not_started};
  int code{0};  ///< exit status, signal, or errno
  std::string output{};
  std::string errors{};  ///< the end of what it wrote to stderr
};

/// Runs argv[0] (looked up in PATH) with these arguments: no shell. stdin is empty, no file
/// descriptor but the three is inherited. Ends it when a limit is reached. Thread-safe.
[[nodiscard]] SubprocessResult run_subprocess(const std::vector<std::string>& argv,
                                              const SubprocessLimits& limits);

/// Splits as a POSIX shell splits words: blanks, '…', "…" and \. Absent if a quote is not closed.
/// Nothing is expanded.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(const std::string& text);

}  // namespace cairn::vfs
