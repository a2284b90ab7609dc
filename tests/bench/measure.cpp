#include "tests/bench/measure.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>

namespace cairn::bench {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A line of /proc/self/status in bytes: "VmRSS:   1234 kB".
std::uint64_t status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name))
      return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

template <class Field>
auto middle(std::vector<Cost>& costs, Field field) {
  std::sort(costs.begin(), costs.end(),
            [&](const Cost& a, const Cost& b) { return a.*field < b.*field; });
  return costs[costs.size() / 2].*field;
}

}  // namespace

Cost measure(const std::function<void()>& work) {
  std::ofstream("/proc/self/clear_refs") << "5";
  const std::uint64_t before = status_bytes("VmRSS");
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();

  work();

  Cost cost;
  cost.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  cost.cpu_seconds = cpu_seconds() - cpu;
  const std::uint64_t peak = status_bytes("VmHWM");
  cost.extra_bytes = peak > before ? peak - before : 0;
  return cost;
}

Cost median(std::vector<Cost> costs) {
  return {middle(costs, &Cost::wall_seconds), middle(costs, &Cost::cpu_seconds),
          middle(costs, &Cost::extra_bytes)};
}

void print(const std::string& title, const Cost& cost, double gibibytes, std::size_t runs) {
  std::printf("%-34s wall %6.2f s   cpu %5.2f s/GiB   extra memory %6.1f MiB   (median of %zu)\n",
              title.c_str(), cost.wall_seconds, cost.cpu_seconds / gibibytes,
              static_cast<double>(cost.extra_bytes) / (1 << 20), runs);
  std::fflush(stdout);
}

std::uint64_t option(int argc, char** argv, const std::string& name, std::uint64_t fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (name == argv[i]) return std::strtoull(argv[i + 1], nullptr, 10);
  }
  return fallback;
}

std::string text_option(int argc, char** argv, const std::string& name) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (name == argv[i]) return argv[i + 1];
  }
  return {};
}

Cost Setup::beyond_object(Cost cost) const {
  cost.extra_bytes -= std::min(cost.extra_bytes, bytes);
  return cost;
}

Setup read_setup(int argc, char** argv) {
  const char* root = std::getenv("CAIRN_TEST_URL");
  if (root == nullptr) {
    throw std::runtime_error("CAIRN_TEST_URL is not set: run under tools/servers");
  }
  const std::uint64_t mebibytes = option(argc, argv, "--mib", 1024);
  return {.root = root,
          .bytes = mebibytes << 20U,
          .runs = option(argc, argv, "--runs", 5),
          .gibibytes = static_cast<double>(mebibytes) / 1024,
          .size = std::to_string(mebibytes) + " MiB"};
}

int report_failure(const char* program, const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

void fill_random(std::span<std::byte> bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= bytes.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random();
    std::memcpy(bytes.data() + at, &word, sizeof(word));
  }
  for (; at < bytes.size(); ++at) bytes[at] = static_cast<std::byte>(random());
}

}  // namespace cairn::bench
