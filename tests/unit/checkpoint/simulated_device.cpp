#include "tests/unit/checkpoint/simulated_device.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <ATen/EmptyTensor.h>
#include <ATen/Functions.h>
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace cairn::test::simulated_device {
namespace {

constexpr auto kType = c10::DeviceType::PrivateUse1;
constexpr auto kKey = c10::DispatchKey::PrivateUse1;
constexpr c10::StreamId kMainStream = 0;

struct Stream {
  std::vector<std::function<void()>> work{};
  std::size_t done{0};
};

struct Event {
  c10::StreamId stream{0};
  std::size_t until{0};
};

// The device. Work that throws would be a bug of the test's.
struct World {
  std::recursive_mutex mutex{};
  std::map<c10::StreamId, Stream> streams{};
  c10::StreamId last_stream{kMainStream};
  std::map<const void*, std::size_t> pinned{};
  std::size_t pinned_bytes{0};
  std::size_t most_pinned{0};
  std::size_t copied{0};
  std::size_t copies_beside{0};
  bool fail_next_copy{false};

  void enqueue(c10::StreamId id, std::function<void()> work) {
    const std::lock_guard lock(mutex);
    streams[id].work.push_back(std::move(work));
  }
  void run(const Event& event) {
    const std::lock_guard lock(mutex);
    while (streams[event.stream].done < event.until) {
      Stream& stream = streams[event.stream];
      const auto work = std::exchange(stream.work[stream.done++], nullptr);
      if (work) work();
    }
  }
  Event now(c10::StreamId id) {
    const std::lock_guard lock(mutex);
    return {id, streams[id].work.size()};
  }
};

World& world() {
  static auto* const world = new World;  // LibTorch frees memory after the end of main()
  return *world;
}

thread_local c10::StreamId current_stream = kMainStream;

c10::Stream stream_of(c10::StreamId id) {
  return c10::Stream(c10::Stream::UNSAFE, c10::Device(kType, 0), id);
}

class Guard final : public c10::impl::DeviceGuardImplInterface {
 public:
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device) const override { return getDevice(); }
  c10::Device getDevice() const override { return {kType, 0}; }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }

  c10::Stream getStream(c10::Device) const override { return stream_of(current_stream); }
  c10::Stream getStreamFromGlobalPool(c10::Device, bool) const override {
    const std::lock_guard lock(world().mutex);
    return stream_of(++world().last_stream);
  }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return stream_of(std::exchange(current_stream, stream.id()));
  }

  void record(void** event, const c10::Stream& stream, const c10::DeviceIndex,
              const c10::EventFlag) const override {
    if (*event == nullptr) *event = new Event;
    *static_cast<Event*>(*event) = world().now(stream.id());
  }
  void block(void* event, const c10::Stream& stream) const override {
    world().enqueue(stream.id(), [awaited = *static_cast<Event*>(event)] { world().run(awaited); });
  }
  void synchronizeEvent(void* event) const override { world().run(*static_cast<Event*>(event)); }
  void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override {
    delete static_cast<Event*>(event);
  }
  void synchronizeStream(const c10::Stream& stream) const override {
    world().run(world().now(stream.id()));
  }
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

class Memory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t size) override {
    void* data = std::malloc(std::max<std::size_t>(size, 1));
    return {data, data, &std::free, c10::Device(kType, 0)};
  }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    std::memcpy(to, from, size);
  }
};

class PinnedMemory final : public at::HostAllocator {
 public:
  c10::DataPtr allocate(std::size_t size) override {
    const std::lock_guard lock(world().mutex);
    void* data = std::malloc(std::max<std::size_t>(size, 1));
    world().pinned[data] = size;
    world().pinned_bytes += size;
    world().most_pinned = std::max(world().most_pinned, world().pinned_bytes);
    return {data, data, &release, c10::Device(c10::kCPU)};
  }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    std::memcpy(to, from, size);
  }
  bool record_event(void*, void*, c10::Stream) override { return true; }
  void empty_cache() override {}
  at::HostStats get_stats() override { return {}; }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override {}

 private:
  static void release(void* data) {
    const std::lock_guard lock(world().mutex);
    world().pinned_bytes -= world().pinned[data];
    world().pinned.erase(data);
    std::free(data);
  }
};

Memory device_memory;
PinnedMemory pinned_memory;

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_memory; }
  bool isPinnedPtr(const void* data) const override {
    const std::lock_guard lock(world().mutex);
    return world().pinned.contains(data);
  }
};

at::Tensor empty(at::IntArrayRef sizes, std::optional<at::ScalarType> dtype,
                 std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, &device_memory, c10::DispatchKeySet(kKey),
                                   dtype.value_or(at::kFloat), format);
}

// To the CPU. As with CUDA, memory that is not pinned is copied at once, when all is done.
at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  const std::lock_guard lock(world().mutex);
  if (std::exchange(world().fail_next_copy, false)) throw std::runtime_error("the device is lost");
  if (!to.is_cpu() || !to.is_contiguous() || !from.is_contiguous())
    throw std::logic_error("a copy that the simulated device does not know");
  const void* source = from.const_data_ptr();
  void* target = to.mutable_data_ptr();
  const std::size_t size = from.nbytes();
  world().copied += size;
  const bool pinned = world().pinned.contains(to.storage().data());
  if (non_blocking && pinned) {
    if (current_stream != kMainStream) ++world().copies_beside;
    world().enqueue(current_stream, [=] { std::memcpy(target, source, size); });
  } else {
    for (const auto& [id, stream] : world().streams) world().run({id, stream.work.size()});
    std::memcpy(target, source, size);
  }
  return to;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", &empty);
  library.impl("_copy_from", &copy_from);
}

}  // namespace

at::Device device() {
  static const bool registered = [] {
    c10::register_privateuse1_backend("simulated");
    at::RegisterPrivateUse1HooksInterface(new Hooks);  // for good
    c10::SetAllocator(kType, &device_memory);
    at::setHostAllocator(kType, &pinned_memory);
    return true;
  }();
  static_cast<void>(registered);
  return {kType, 0};
}

at::Tensor full(std::int64_t size, float value) {
  const at::Tensor tensor = at::empty({size}, at::TensorOptions(device()).dtype(at::kFloat));
  auto* data = static_cast<float*>(tensor.mutable_data_ptr());
  std::fill(data, data + size, value);
  return tensor;
}

void begin(std::function<void()> work) {
  world().enqueue(current_stream, std::move(work));
}

void begin_fill(const at::Tensor& tensor, float value) {
  begin([tensor, value] {
    auto* data = static_cast<float*>(tensor.mutable_data_ptr());
    std::fill(data, data + tensor.numel(), value);
  });
}

std::size_t pinned() {
  const std::lock_guard lock(world().mutex);
  return world().pinned_bytes;
}

std::size_t most_pinned() {
  const std::lock_guard lock(world().mutex);
  return world().most_pinned;
}

std::size_t copied() {
  const std::lock_guard lock(world().mutex);
  return world().copied;
}

std::size_t copies_beside() {
  const std::lock_guard lock(world().mutex);
  return world().copies_beside;
}

void forget() {
  const std::lock_guard lock(world().mutex);
  world().most_pinned = world().pinned_bytes;
  world().copied = 0;
  world().copies_beside = 0;
}

void fail_next_copy() {
  const std::lock_guard lock(world().mutex);
  world().fail_next_copy = true;
}

}  // namespace cairn::test::simulated_device
