// Save and load of a large state against the server of CAIRN_TEST_URL, beside PUT and GET of the same bytes in the same run.
#include <ATen/Functions.h>

#include <cstdlib>
#include <iostream>

#include "checkpoint/checkpoint.hpp"
#include "tests/bench/measure.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;

/// Tensors of 16 MiB, as a large model has them.
checkpoint::Value make_state(std::uint64_t mebibytes) {
  constexpr std::uint64_t kTensorMebibytes = 16;
  checkpoint::Dict state = checkpoint::Dict::ordered();
  for (std::uint64_t at = 0; at < mebibytes; at += kTensorMebibytes) {
    at::Tensor tensor = at::empty({kTensorMebibytes * 1024, 256}, at::kFloat);
    bench::fill_random({static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()}, at);
    state["layer" + std::to_string(at / kTensorMebibytes) + ".weight"] = tensor;
  }
  return checkpoint::Dict{{"state_dict", state}, {"step", 1}};
}

int run(int argc, char** argv) {
  const char* root = std::getenv("CAIRN_TEST_URL");
  if (root == nullptr) {
    std::cerr << "CAIRN_TEST_URL is not set: run under tools/servers\n";
    return 2;
  }
  const std::uint64_t mebibytes = bench::option(argc, argv, "--mib", 1024);
  const std::uint64_t runs = bench::option(argc, argv, "--runs", 5);
  const double gibibytes = static_cast<double>(mebibytes) / 1024;
  const std::string size = std::to_string(mebibytes) + " MiB";
  const std::string url = std::string(root) + "/bench/state.ckpt";
  const std::string plain_url = std::string(root) + "/bench/plain";

  const auto context = vfs::Context::make();
  const vfs::Location plain = context->resolve(plain_url);
  vfs::Buffer bytes(mebibytes << 20);
  bench::fill_random(bytes.span(), 1);
  const checkpoint::Value state = make_state(mebibytes);

  std::vector<bench::Cost> put, save, get, load;
  for (std::uint64_t run = 0; run < runs; ++run) {  // interleaved: the machine's mood is the same for all
    put.push_back(bench::measure([&] { plain.file_system.write(plain.path, bytes); }));
    save.push_back(bench::measure([&] { checkpoint::save(url, state, {}, context); }));
    get.push_back(bench::measure([&] { const vfs::Buffer fresh = plain.file_system.read(plain.path); }));
    load.push_back(bench::measure([&] { const checkpoint::Value loaded = checkpoint::load(url, {}, context); }));
  }
  const auto beyond = [&](bench::Cost cost) {
    cost.extra_bytes -= std::min<std::uint64_t>(cost.extra_bytes, mebibytes << 20);
    return cost;
  };
  bench::print("PUT " + size + " (vfs)", bench::median(put), gibibytes, runs);
  bench::print("save a state of " + size, bench::median(save), gibibytes, runs);
  bench::print("GET " + size + " into fresh memory (vfs)", beyond(bench::median(get)), gibibytes, runs);
  bench::print("load a state of " + size, beyond(bench::median(load)), gibibytes, runs);
  const auto ratio = [](const std::vector<bench::Cost>& a, const std::vector<bench::Cost>& b) {
    return bench::median(a).wall_seconds / bench::median(b).wall_seconds;
  };
  std::printf("save / PUT: %.2f of the wall time; load / GET: %.2f\n", ratio(save, put), ratio(load, get));
  plain.file_system.remove(plain.path);
  const vfs::Location saved = context->resolve(url);
  saved.file_system.remove(saved.path);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "checkpoint-bench: " << error.what() << '\n';
    return 1;
  }
}
