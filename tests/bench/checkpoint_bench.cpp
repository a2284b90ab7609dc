// Save and load of a large state against the server of CAIRN_TEST_URL, beside PUT and GET of the
// same bytes in the same run.
#include <ATen/Functions.h>

#include <cstdio>

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

void run(int argc, char** argv) {
  const bench::Setup setup = bench::read_setup(argc, argv);
  const std::string url = setup.root + "/bench/state.ckpt";
  const std::string plain_url = setup.root + "/bench/plain";

  const auto context = vfs::Context::make();
  const vfs::Location plain = context->resolve(plain_url);
  vfs::Buffer bytes(setup.bytes);
  bench::fill_random(bytes.span(), 1);
  const checkpoint::Value state = make_state(setup.bytes >> 20U);

  std::vector<bench::Cost> put, save, get, load;
  for (std::uint64_t run = 0; run < setup.runs;
       ++run) {  // interleaved: the machine's mood is the same for all
    put.push_back(bench::measure([&] { plain.file_system.write(plain.path, bytes); }));
    save.push_back(bench::measure([&] { checkpoint::save(url, state, {}, context); }));
    get.push_back(
        bench::measure([&] { const vfs::Buffer fresh = plain.file_system.read(plain.path); }));
    load.push_back(bench::measure(
        [&] { const checkpoint::Value loaded = checkpoint::load(url, {}, context); }));
  }
  bench::print("PUT " + setup.size + " (vfs)", bench::median(put), setup.gibibytes, setup.runs);
  bench::print("save a state of " + setup.size, bench::median(save), setup.gibibytes, setup.runs);
  bench::print("GET " + setup.size + " into fresh memory (vfs)",
               setup.beyond_object(bench::median(get)), setup.gibibytes, setup.runs);
  bench::print("load a state of " + setup.size, setup.beyond_object(bench::median(load)),
               setup.gibibytes, setup.runs);
  const auto ratio = [](const std::vector<bench::Cost>& a, const std::vector<bench::Cost>& b) {
    return bench::median(a).wall_seconds / bench::median(b).wall_seconds;
  };
  std::printf("save / PUT: %.2f of the wall time; load / GET: %.2f\n", ratio(save, put),
              ratio(load, get));
  plain.file_system.remove(plain.path);
  const vfs::Location saved = context->resolve(url);
  saved.file_system.remove(saved.path);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::report_failure("checkpoint-bench", [&] { run(argc, argv); });
}
