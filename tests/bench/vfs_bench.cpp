// PUT and GET of a large object against the server of CAIRN_TEST_URL. Prints wall and CPU time,
// extra memory, and what went over the wire.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tests/bench/measure.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;

/// Counts requests and bytes on their way through the client.
class Counter final : public vfs::Observer {
 public:
  void on_request(const vfs::RequestEvent& event) noexcept override {
    ++requests;
    sent += event.bytes_sent;
    received += event.bytes_received;
  }
  void print() {
    std::printf("%-34s %llu requests, %.1f MiB sent, %.1f MiB received (all runs)\n",
                "  on the wire", static_cast<unsigned long long>(requests.exchange(0)),
                static_cast<double>(sent.exchange(0)) / (1 << 20),
                static_cast<double>(received.exchange(0)) / (1 << 20));
  }

 private:
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> received{0};
};

template <class Work>
void repeat(const std::string& title, std::uint64_t runs, double gibibytes, Counter& counter,
            Work work) {
  std::vector<bench::Cost> costs;
  for (std::uint64_t run = 0; run < runs; ++run) costs.push_back(work());
  bench::print(title, bench::median(costs), gibibytes, runs);
  counter.print();
}

void run(int argc, char** argv) {
  const bench::Setup setup = bench::read_setup(argc, argv);
  auto counter = std::make_shared<Counter>();
  const auto context = vfs::Context::make({.observer = counter});
  const vfs::Location place = context->resolve(vfs::Url::parse(setup.root) / "bench/object");
  vfs::Buffer source(setup.bytes);
  bench::fill_random(source.span(), 1);
  vfs::Buffer target(source.size());
  std::memset(target.data(), 0, target.size());

  repeat("PUT " + setup.size + " from memory", setup.runs, setup.gibibytes, *counter,
         [&] { return bench::measure([&] { place.file_system.write(place.path, source); }); });
  repeat("GET " + setup.size + " into touched memory", setup.runs, setup.gibibytes, *counter, [&] {
    const vfs::RangeRead range{.offset = 0, .into = target.span()};
    return bench::measure([&] { place.file_system.read_ranges(place.path, {&range, 1}); });
  });
  if (std::memcmp(source.data(), target.data(), source.size()) != 0)
    throw std::runtime_error("the object differs from what was written");
  repeat("GET " + setup.size + " into fresh memory", setup.runs, setup.gibibytes, *counter, [&] {
    return setup.beyond_object(
        bench::measure([&] { const vfs::Buffer fresh = place.file_system.read(place.path); }));
  });
  place.file_system.remove(place.path);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::report_failure("vfs-bench", [&] { run(argc, argv); });
}
