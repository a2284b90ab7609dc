// What an operation costs: wall time, CPU time and the memory that it needs beyond what was there before.
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
  double cpu_seconds{0};       ///< user + system, of the whole process
  std::uint64_t extra_bytes{0};  ///< peak resident memory above the level at the start
};

/// Runs `work` once. Resets the process's peak of resident memory first (Linux, /proc/self/clear_refs).
[[nodiscard]] Cost measure(const std::function<void()>& work);

/// Field by field.
[[nodiscard]] Cost median(std::vector<Cost> costs);

/// "PUT 1 GiB from memory   wall 1.23 s   cpu 0.45 s/GiB   extra memory 12 MiB   (median of 5)"
void print(const std::string& title, const Cost& cost, double gibibytes, std::size_t runs);

/// The number after `name` in the arguments ("--mib 256"), or the fallback.
[[nodiscard]] std::uint64_t option(int argc, char** argv, const std::string& name, std::uint64_t fallback);

/// Bytes that no layer can shrink, the same for a seed.
void fill_random(std::span<std::byte> bytes, std::uint64_t seed);

}  // namespace cairn::bench
