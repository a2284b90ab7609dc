// Save and load of a large state against the server of CAIRN_TEST_URL, beside PUT and GET of the
// same bytes in the same run; one tensor of it; and how long a save in the background holds up.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/format/async_saver.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/state.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"
#include "vfs/observer.hpp"

namespace {

using namespace cairn;

constexpr double kMiB = 1 << 20;

/// What the client was sent.
class Counter : public vfs::Observer {
 public:
  void on_request(const vfs::RequestEvent& event) noexcept override {
    ++requests;
    bytes += event.bytes_received;
  }
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> bytes{0};
};

double ratio(const std::vector<bench::Cost>& a, const std::vector<bench::Cost>& b,
             double bench::Cost::* field) {
  return bench::median(a).*field / (bench::median(b).*field);
}

struct Series {
  std::vector<bench::Cost> put{}, save{}, get{}, load{};
};

void print(const Series& costs, const bench::Setup& setup) {
  bench::print("PUT " + setup.size + " (vfs)", bench::median(costs.put), setup.gibibytes,
               setup.runs);
  bench::print("save a state of " + setup.size, bench::median(costs.save), setup.gibibytes,
               setup.runs);
  bench::print("GET " + setup.size + " into fresh memory (vfs)",
               setup.beyond_object(bench::median(costs.get)), setup.gibibytes, setup.runs);
  bench::print("load a state of " + setup.size, setup.beyond_object(bench::median(costs.load)),
               setup.gibibytes, setup.runs);
  const auto wall = &bench::Cost::wall_seconds;
  const auto cpu = &bench::Cost::cpu_seconds;
  std::printf("save / PUT: wall %.2f x (target 1.10), cpu %.2f x\n",
              ratio(costs.save, costs.put, wall), ratio(costs.save, costs.put, cpu));
  std::printf("load / GET: wall %.2f x (target 1.30), cpu %.2f x (target 1.25)\n",
              ratio(costs.load, costs.get, wall), ratio(costs.load, costs.get, cpu));
}

void measure_part(const std::string& url) {
  const auto counter = std::make_shared<Counter>();
  const auto context = vfs::Context::make({.observer = counter});
  const checkpoint::format::Archive file = checkpoint::open(url, {}, context);
  const checkpoint::Value tensor = file.load("state_dict.layer0.weight");
  const double size = static_cast<double>(tensor.as_tensor().storage->nbytes);
  std::printf(
      "one tensor of %.0f MiB: %llu requests (target 3), %.3f MiB more than its size (target "
      "0.5)\n",
      size / kMiB, static_cast<unsigned long long>(counter->requests),
      (static_cast<double>(counter->bytes) - size) / kMiB);
}

/// The state's bytes from one memory to another, both touched, by two threads: as the snapshot
/// does on two cores.
void copy_in_parallel(std::span<const std::byte> from, std::span<std::byte> to) {
  const std::size_t half = from.size() / 2;
  const std::jthread other([&] { std::memcpy(to.data(), from.data(), half); });
  std::memcpy(to.data() + half, from.data() + half, from.size() - half);
}

void measure_stall(const std::string& url, const checkpoint::Value& state, vfs::Buffer& bytes,
                   const std::shared_ptr<vfs::Context>& context, const bench::Setup& setup) {
  checkpoint::AsyncSaver saver;
  vfs::Buffer copy(bytes.size());
  std::memset(copy.data(), 1, copy.size());
  saver.save(url, state, {}, context).committed();  // its memory is touched
  std::vector<bench::Cost> stall, one, both;
  for (std::uint64_t run = 0; run < setup.runs; ++run) {
    std::optional<checkpoint::SaveHandle> handle;
    stall.push_back(bench::measure([&] { handle = saver.save(url, state, {}, context); }));
    handle->committed();
    one.push_back(bench::measure([&] { std::memcpy(copy.data(), bytes.data(), bytes.size()); }));
    both.push_back(bench::measure([&] { copy_in_parallel(bytes.span(), copy.span()); }));
  }
  const auto wall = &bench::Cost::wall_seconds;
  std::printf(
      "a save in the background holds up %.3f s: %.2f x a memcpy of the state (target 1.20), "
      "%.2f x one by two threads\n",
      bench::median(stall).wall_seconds, ratio(stall, one, wall), ratio(stall, both, wall));
}

void run(int argc, char** argv) {
  const bench::Setup setup = bench::read_setup(argc, argv);
  const std::string url = setup.root + "/bench/state.ckpt";
  const std::string plain_url = setup.root + "/bench/plain";

  const auto context = vfs::Context::make();
  const vfs::Location plain = context->resolve(plain_url);
  vfs::Buffer bytes(setup.bytes);
  bench::fill_random(bytes.span(), 1);
  const checkpoint::Value state = bench::make_state(setup.bytes >> 20U);

  Series costs;
  for (std::uint64_t run = 0; run < setup.runs;
       ++run) {  // interleaved: the machine's mood is the same for all
    costs.put.push_back(bench::measure([&] { plain.file_system.write(plain.path, bytes); }));
    costs.save.push_back(bench::measure([&] { checkpoint::save(url, state, {}, context); }));
    costs.get.push_back(
        bench::measure([&] { const vfs::Buffer fresh = plain.file_system.read(plain.path); }));
    costs.load.push_back(bench::measure(
        [&] { const checkpoint::Value loaded = checkpoint::load(url, {}, context); }));
  }
  print(costs, setup);
  measure_part(url);
  measure_stall(url, state, bytes, context, setup);
  plain.file_system.remove(plain.path);
  const vfs::Location saved = context->resolve(url);
  saved.file_system.remove(saved.path);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::report_failure("checkpoint-bench", [&] { run(argc, argv); });
}
