// What an operation costs: wall time, CPU time and the memory that it needs beyond what was there
// before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cairn::bench {

struct Cost {
  double wall_seconds{0};
  double cpu_seconds{0};         ///< user + system, of the whole process
  std::uint64_t extra_bytes{0};  ///< peak resident memory above the level at the start
};

/// Runs `work` once. Resets the process's peak of resident memory first (Linux,
/// /proc/self/clear_refs).
[[nodiscard]] Cost measure(const std::function<void()>& work);

/// Field by field.
[[nodiscard]] Cost median(std::vector<Cost> costs);

/// "PUT 1 GiB from memory   wall 1.23 s   cpu 0.45 s/GiB   extra memory 12 MiB   (median of 5)"
void print(const std::string& title, const Cost& cost, double gibibytes, std::size_t runs);

/// The number after `name` in the arguments ("--mib 256"), or the fallback.
[[nodiscard]] std::uint64_t option(int argc, char** argv, const std::string& name,
                                   std::uint64_t fallback);

/// The word after `name`, or "".
[[nodiscard]] std::string text_option(int argc, char** argv, const std::string& name);

/// What the benchmarks against a server have in common.
struct Setup {
  std::string root{};  ///< CAIRN_TEST_URL
  std::uint64_t bytes{0};
  std::uint64_t runs{0};
  double gibibytes{0};
  std::string size{};  ///< "1024 MiB"

  /// What the cost needs beyond the object itself.
  [[nodiscard]] Cost beyond_object(Cost cost) const;
};
/// --mib N, --runs N. Throws std::runtime_error without CAIRN_TEST_URL.
[[nodiscard]] Setup read_setup(int argc, char** argv);

/// Calls work() and tells what it throws. For main().
[[nodiscard]] int report_failure(const char* program, const std::function<void()>& work);

/// Bytes that no layer can shrink, the same for a seed.
void fill_random(std::span<std::byte> bytes, std::uint64_t seed);

}  // namespace cairn::bench
