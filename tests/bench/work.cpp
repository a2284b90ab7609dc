// One operation of ours in a process of its own, for tests/bench/peers.py.
//
//   bench-work OPERATION URL [--mib N] [--count N]     put, get, list, put_small or get_small
//
// Warms up with a small object, then prints {"wall": seconds, "cpu": seconds}. The server is found
// as AWS's tools find it, in the environment. With an http: URL of the bucket it is no client of
// ours but a bare libcurl loop: the limit.
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/bench/measure.hpp"
#include "tests/bench/raw.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;

constexpr std::uint64_t kWarmMebibytes = 16;
constexpr std::uint64_t kSmallBytes = 4096;

struct Work {
  std::function<void()> warm_up{};
  std::function<void()> timed{};
};

std::string key_of(std::uint64_t bytes) {
  return "object-" + std::to_string(bytes);
}

Work make_work(const std::string& operation, const vfs::FileSystem& files, std::uint64_t bytes,
               std::uint64_t count) {
  const auto put = [files](std::uint64_t size) {
    auto source = std::make_shared<vfs::Buffer>(size);
    bench::fill_random(source->span(), 1);
    return [=] { files.write(key_of(size), *source); };
  };
  const auto get = [files](std::uint64_t size) {
    return [=] {
      if (files.read(key_of(size)).size() != size) throw std::runtime_error("a short object");
    };
  };
  const auto repeat = [count](const std::function<void()>& once) {
    return [=] {
      for (std::uint64_t i = 0; i < count; ++i) once();
    };
  };
  const auto list = [files, count] {
    if (files.list("", {.recursive = true}).size() != count) {
      throw std::runtime_error("the list has not all keys");
    }
  };
  const std::uint64_t warm = kWarmMebibytes << 20U;
  if (operation == "put") return {put(warm), put(bytes)};
  if (operation == "get") return {get(warm), get(bytes)};
  if (operation == "list") return {get(kSmallBytes), list};
  if (operation == "put_small") return {put(kSmallBytes), repeat(put(kSmallBytes))};
  if (operation == "get_small") return {get(kSmallBytes), repeat(get(kSmallBytes))};
  throw std::runtime_error("no such operation: " + operation);
}

Work make_raw_work(const std::string& operation, const std::string& url, std::uint64_t bytes,
                   std::uint64_t count) {
  constexpr std::uint64_t kPart = 8U << 20U;
  const auto raw = std::make_shared<bench::RawClient>(url, "", 8);
  const auto put = [raw](std::uint64_t size) {
    auto source = std::make_shared<vfs::Buffer>(size);
    bench::fill_random(source->span(), 1);
    return [=] { raw->put(key_of(size), source->span(), kPart); };
  };
  const auto get = [raw](std::uint64_t size) {
    return [=] {
      vfs::Buffer target(size);
      raw->get(key_of(size), target.span(), kPart);
    };
  };
  const auto put_small = [raw](std::uint64_t times) {
    return [=] { raw->put_small(times, vfs::Buffer(kSmallBytes).span()); };
  };
  const auto get_small = [raw](std::uint64_t times) {
    return [=] { raw->get_small(times, key_of(kSmallBytes), vfs::Buffer(kSmallBytes).span()); };
  };
  const auto list = [raw, count] {
    if (raw->list() != count) throw std::runtime_error("the list has not all keys");
  };
  const std::uint64_t warm = kWarmMebibytes << 20U;
  if (operation == "put") return {put(warm), put(bytes)};
  if (operation == "get") return {get(warm), get(bytes)};
  if (operation == "list") return {get_small(1), list};
  if (operation == "put_small") return {put_small(1), put_small(count)};
  if (operation == "get_small") return {get_small(1), get_small(count)};
  throw std::runtime_error("no such operation: " + operation);
}

void run(int argc, char** argv) {
  if (argc < 3) throw std::runtime_error("usage: bench-work OPERATION URL [--mib N] [--count N]");
  const std::string url = argv[2];
  const std::uint64_t bytes = bench::option(argc, argv, "--mib", 1024) << 20U;
  const std::uint64_t count = bench::option(argc, argv, "--count", 1000);
  const Work work = url.starts_with("http")
                        ? make_raw_work(argv[1], url, bytes, count)
                        : make_work(argv[1], vfs::FileSystem::open(url), bytes, count);
  work.warm_up();
  const bench::Cost cost = bench::measure(work.timed);
  std::printf("{\"wall\": %.6f, \"cpu\": %.6f}\n", cost.wall_seconds, cost.cpu_seconds);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::report_failure("bench-work", [&] { run(argc, argv); });
}
