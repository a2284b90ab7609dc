// Tensors on an accelerator: a simulated one, and with the tag [gpu] the machine's.
#include <cstring>
#include <memory>
#include <string>

#include <dlfcn.h>

#include <ATen/ATen.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/format/async_saver.hpp"
#include "checkpoint/format/device_memory.hpp"
#include "checkpoint/format/safetensors.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/simulated_device.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
namespace simulated = cairn::test::simulated_device;

namespace {

constexpr std::size_t kMiB = 1U << 20U;
constexpr auto kUrl = "memory://bucket/a.ckpt";

at::Tensor load_tensor(const std::shared_ptr<vfs::Context>& context,
                       const std::string& name = "w") {
  return ValueTraits<at::Tensor>::from_value(checkpoint::load(kUrl, {}, context).at(name));
}

float first_of(const at::Tensor& tensor) {
  return tensor.flatten()[0].item<float>();
}

Value state_of(const at::Tensor& tensor) {
  return Dict{{"w", ValueTraits<at::Tensor>::to_value(tensor)}};
}

}  // namespace

TEST_CASE("a tensor of an accelerator is saved as all that was begun on its stream leaves it",
          "[accelerator]") {
  const auto context = vfs::Context::make();
  const at::Tensor tensor = simulated::full(1000, 0.0F);
  simulated::begin_fill(tensor, 1.0F);
  const Value state = state_of(tensor);
  simulated::begin_fill(tensor, 2.0F);  // a state refers to memory, the CPU's or not

  checkpoint::save(kUrl, state, {}, context);

  CHECK(at::equal(load_tensor(context), at::full({1000}, 2.0F)));
}

TEST_CASE("an accelerator's bytes are fetched beside its stream, as many as are on their way",
          "[accelerator]") {
  const auto context = vfs::Context::make({.transfer = {.parallel = 2}});
  const at::Tensor tensor = simulated::full(40 * kMiB / sizeof(float), 3.0F);
  simulated::forget();

  checkpoint::save(kUrl, state_of(tensor), {}, context);

  // Parts of 8 MiB, each up to the end of its last mebibyte. The last part may find one of those
  // before it not begun, and sum what it holds.
  CHECK(simulated::most_pinned() <= 2 * 9 * kMiB);
  CHECK(simulated::copied() <= 40 * kMiB + 6 * kMiB + 8 * kMiB);
  CHECK(simulated::copies_beside() >= 5);
  CHECK(simulated::pinned() == 0);
  CHECK(at::equal(load_tensor(context), at::full({40 * kMiB / sizeof(float)}, 3.0F)));
}

TEST_CASE("views of an accelerator's memory share it in the file, however they were stored",
          "[accelerator]") {
  const auto context = vfs::Context::make();
  const at::Tensor tensor = simulated::full(64, 5.0F);
  const StoredTensor whole = to_stored(tensor);
  StoredTensor part = to_stored(tensor);
  part.offset = 16;
  part.sizes = {4, 2};
  part.strides = {1, 4};

  checkpoint::save(kUrl, Dict{{"w", whole}, {"part", part}}, {}, context);

  const Value read = checkpoint::load(kUrl, {}, context);
  CHECK(read.at("w").as_tensor().storage == read.at("part").as_tensor().storage);
  CHECK(read.at("part").as_tensor().strides == std::vector<std::int64_t>{1, 4});
}

TEST_CASE("a background save has an accelerator's tensors in pinned memory before they change",
          "[accelerator]") {
  const auto context = vfs::Context::make();
  const at::Tensor tensor = simulated::full(1000, 0.0F);
  simulated::begin_fill(tensor, 1.0F);
  simulated::forget();
  {
    AsyncSaver saver;
    const SaveHandle handle = saver.save(kUrl, state_of(tensor), {}, context);
    simulated::begin_fill(tensor, 2.0F);
    static_cast<void>(to_tensor(to_stored(tensor)));  // it is done
    static_cast<void>(handle.committed());
    CHECK(simulated::most_pinned() >= 4000);
  }
  CHECK(first_of(load_tensor(context)) == 1.0F);
  CHECK(simulated::pinned() == 0);
}

TEST_CASE("a copy is of what was begun before it, on the tensor's stream or the current one",
          "[accelerator]") {
  const at::Tensor tensor = simulated::full(1000, 1.0F);
  const StoredTensor stored = to_stored(tensor);
  const c10::impl::VirtualGuardImpl device(simulated::device().type());
  const c10::Stream first = device.getStream(simulated::device());
  const c10::Stream other = device.getStreamFromGlobalPool(simulated::device());
  const c10::Stream before = GENERATE_COPY(first, other);
  const c10::Stream after = GENERATE_COPY(first, other);

  const auto fill_on = [&](const c10::Stream& stream, float value) {
    const c10::StreamGuard guard(stream);
    simulated::begin_fill(tensor, value);
  };
  const auto copy = [&] {
    const c10::StreamGuard guard(other);
    fill_on(before, 2.0F);
    return stored.storage->device->copy(0, 4000);
  }();
  fill_on(after, 3.0F);
  after.synchronize();
  copy->wait();

  float copied = 0.0F;
  std::memcpy(&copied, copy->bytes().segments().front().bytes.data(), sizeof copied);
  CHECK(copied == 2.0F);
}

TEST_CASE("a background save tells when the state is copied", "[accelerator]") {
  const auto context = vfs::Context::make();
  AsyncSaver saver({.when_full = WhenFull::skip});

  const SaveHandle handle = saver.save(kUrl, state_of(simulated::full(1000, 1.0F)), {}, context);
  handle.staged();
  handle.staged();
  static_cast<void>(handle.committed());

  CHECK(first_of(load_tensor(context)) == 1.0F);
}

TEST_CASE("a background save copies an accelerator's memory once", "[accelerator]") {
  const auto context = vfs::Context::make();
  const at::Tensor tensor = simulated::full(1000, 4.0F);
  simulated::forget();
  {
    AsyncSaver saver;
    static_cast<void>(saver.save(kUrl, Dict{{"w", to_stored(tensor)}, {"again", to_stored(tensor)}},
                                 {}, context));
  }
  CHECK(simulated::copied() == 4000);
  const Value read = checkpoint::load(kUrl, {}, context);
  CHECK(read.at("w").as_tensor().storage == read.at("again").as_tensor().storage);
}

TEST_CASE("a tensor of an accelerator comes back on the CPU", "[accelerator]") {
  const StoredTensor stored = to_stored(simulated::full(12, 7.0F));
  StoredTensor view = stored;
  view.offset = 4;
  view.sizes = {3};

  const at::Tensor whole = to_tensor(stored);
  const at::Tensor part = to_tensor(view);

  CHECK(at::equal(whole, at::full({12}, 7.0F)));
  CHECK(part.storage().unsafeGetStorageImpl() == whole.storage().unsafeGetStorageImpl());
  CHECK(stored.storage->device != nullptr);
}

TEST_CASE("a small view of an accelerator's memory is all that is fetched of it", "[accelerator]") {
  const auto context = vfs::Context::make();
  StoredTensor view = to_stored(simulated::full(4 * kMiB, 6.0F));
  view.offset = 1000;
  view.sizes = {3};
  simulated::forget();

  SECTION("in a checkpoint") {
    checkpoint::save(kUrl, Dict{{"w", view}}, {.compact_views = true}, context);
    CHECK(at::equal(load_tensor(context), at::full({3}, 6.0F)));
  }
  SECTION("with gaps") {
    view.strides = {100};
    checkpoint::save(kUrl, Dict{{"w", view}}, {.compact_views = true}, context);
    CHECK(at::equal(load_tensor(context), at::full({3}, 6.0F)));
  }
  SECTION("in safetensors") {
    const auto files = context->resolve("memory://bucket").file_system;
    format::save_safetensors(files, "a.safetensors", {.tensors = Dict{{"w", view}}});
    const Dict read = format::load_safetensors(files, "a.safetensors").tensors;
    CHECK(at::equal(to_tensor(read.at("w").as_tensor()), at::full({3}, 6.0F)));
  }
  SECTION("to be compared") {
    const at::Tensor same = at::full({3}, 6.0F);
    CHECK(equal(Value(view), ValueTraits<at::Tensor>::to_value(same)));
  }
  CHECK(simulated::copied() <= 201 * sizeof(float));
}

TEST_CASE("digests of an accelerator's tensors are those of their bytes", "[accelerator]") {
  const auto context = vfs::Context::make();
  checkpoint::save(kUrl, state_of(simulated::full(1000, 1.0F)), {.digest = Digest::sha256},
                   context);
  const auto files = context->resolve("memory://bucket").file_system;
  const std::string from_device = files.read_text("a.ckpt");

  checkpoint::save(kUrl, state_of(at::full({1000}, 1.0F)), {.digest = Digest::sha256}, context);

  CHECK((files.read_text("a.ckpt") == from_device));
}

TEST_CASE("a copy that fails is what the save ends with, and the old file stays", "[accelerator]") {
  const auto context = vfs::Context::make();
  checkpoint::save(kUrl, state_of(at::full({4}, 1.0F)), {}, context);
  const Value state = state_of(simulated::full(1000, 2.0F));

  simulated::fail_next_copy();
  CHECK_THROWS_WITH(checkpoint::save(kUrl, state, {}, context), "the device is lost");
  CHECK(first_of(load_tensor(context)) == 1.0F);

  AsyncSaver saver;
  simulated::fail_next_copy();
  CHECK_THROWS_WITH(saver.save(kUrl, state, {}, context), "the device is lost");

  checkpoint::save(kUrl, state, {}, context);
  CHECK(first_of(load_tensor(context)) == 2.0F);
}

// Hidden: most machines have no GPU.
TEST_CASE("a GPU's tensors are saved, in the background too, as they were", "[.][gpu]") {
  dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);  // these programs are linked without it
  REQUIRE(at::hasCUDA());
  const auto context = vfs::Context::make();
  const at::Tensor tensor = at::rand({3000, 4000}, at::TensorOptions(at::kCUDA));
  const at::Tensor expected = tensor.cpu();
  const Value state = Dict{{"w", to_stored(tensor)}, {"row", to_stored(tensor[7])}};

  SECTION("at once") {
    checkpoint::save(kUrl, state, {}, context);
    const Value read = checkpoint::load(kUrl, {}, context);
    CHECK(at::equal(to_tensor(read.at("w").as_tensor()), expected));
    CHECK(at::equal(to_tensor(read.at("row").as_tensor()), expected[7]));
    CHECK(read.at("w").as_tensor().storage == read.at("row").as_tensor().storage);
  }
  SECTION("in the background, while they change") {
    AsyncSaver saver;
    const SaveHandle handle = saver.save(kUrl, state, {}, context);
    at::Tensor changed = tensor;
    changed.zero_();
    static_cast<void>(handle.committed());
    CHECK(at::equal(load_tensor(context), expected));
  }
  SECTION("after work that is still to be done") {
    at::Tensor later = tensor;
    for (int i = 0; i < 200; ++i) later.mul_(1.0F).add_(1.0F).sub_(1.0F);
    later.fill_(9.0F);
    checkpoint::save(kUrl, state, {}, context);
    CHECK(at::equal(load_tensor(context), at::full({3000, 4000}, 9.0F)));
  }
}
