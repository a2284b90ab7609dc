// One save or load of ours in a process of its own, for tests/bench/checkpoint_peers.py.
//
//   checkpoint-work save|load|map URL [--mib N]
//
// Warms up with a small state, then prints {"wall": seconds, "cpu": seconds, "memory": bytes beyond
// what was there before}. map: a load of a local file whose tensors are its memory.
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>

#include "checkpoint/checkpoint.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/state.hpp"

namespace {

using namespace cairn;

std::function<void()> make_work(const std::string& operation, const std::string& url,
                                std::uint64_t mebibytes) {
  if (operation == "save") {
    return [url, state = bench::make_state(mebibytes)] { checkpoint::save(url, state); };
  }
  const bool map = operation == "map";
  if (!map && operation != "load") throw std::runtime_error("no such operation: " + operation);
  return [=] {
    const checkpoint::Value loaded = checkpoint::load(url, {.map = map});
    if (loaded.at("state_dict").as_dict().size() != mebibytes / bench::kTensorMebibytes)
      throw std::runtime_error("a state of another size");
  };
}

void run(int argc, char** argv) {
  if (argc < 3) throw std::runtime_error("usage: checkpoint-work save|load|map URL [--mib N]");
  const std::string operation = argv[1];
  const std::string url = argv[2];
  const auto work = make_work(operation, url, bench::option(argc, argv, "--mib", 1024));
  make_work("save", url + ".small", bench::kTensorMebibytes)();
  make_work("load", url + ".small", bench::kTensorMebibytes)();
  const bench::Cost cost = bench::measure(work);
  std::printf("{\"wall\": %.6f, \"cpu\": %.6f, \"memory\": %llu}\n", cost.wall_seconds,
              cost.cpu_seconds, static_cast<unsigned long long>(cost.extra_bytes));
}

}  // namespace

int main(int argc, char** argv) {
  return cairn::bench::report_failure("checkpoint-work", [&] { run(argc, argv); });
}
