#include "checkpoint/state/accelerator_memory.hpp"

#include <optional>
#include <utility>

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/TensorImpl.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace cairn::checkpoint {
namespace {

class AcceleratorMemory final : public DeviceMemory {
 public:
  explicit AcceleratorMemory(const c10::Storage& storage)
      : storage_(storage), guard_(storage.device_type()), stream_(guard_.getStream(device())) {}

  [[nodiscard]] const void* address() const noexcept override { return storage_.data(); }

  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const override {
    const at::Tensor bytes = fetch(offset, length);
    vfs::Body body;
    body.append(
        {static_cast<const std::byte*>(bytes.const_data_ptr()), static_cast<std::size_t>(length)},
        std::make_shared<const c10::Storage>(bytes.storage()));
    return body;
  }

 private:
  [[nodiscard]] c10::Device device() const { return storage_.device(); }

  // Made by hand: every kernel but the copy would be one more that a device has to have.
  [[nodiscard]] at::Tensor view(std::uint64_t offset, std::uint64_t length) const {
    const auto type = c10::scalarTypeToTypeMeta(at::kByte);
    auto tensor = at::detail::make_tensor<c10::TensorImpl>(
        c10::Storage(storage_),
        c10::DispatchKeySet(c10::computeDispatchKey(at::kByte, std::nullopt, device())), type);
    tensor.unsafeGetTensorImpl()->set_sizes_and_strides(
        at::IntArrayRef{static_cast<std::int64_t>(length)}, at::IntArrayRef{1},
        static_cast<std::int64_t>(offset));
    return tensor;
  }

  [[nodiscard]] at::Tensor fetch(std::uint64_t offset, std::uint64_t length) const {
    const at::Tensor from = view(offset, length);
    const auto side = side_stream();
    at::Tensor to = at::empty({static_cast<std::int64_t>(length)},
                              at::TensorOptions(at::kByte).pinned_memory(side.has_value()));
    if (!side) {
      to.copy_(from);
      return to;
    }
    c10::Event begun(device().type());
    begun.record(stream_);
    begun.block(*side);
    c10::Event done(device().type());
    {
      const c10::StreamGuard guard(*side);
      to.copy_(from, /*non_blocking=*/true);
      done.record(*side);
    }
    done.synchronize();
    return to;
  }

  // Some devices have one stream only.
  [[nodiscard]] std::optional<c10::Stream> side_stream() const {
    try {
      return guard_.getStreamFromGlobalPool(device());
    } catch (const c10::Error&) {
      return std::nullopt;
    }
  }

  c10::Storage storage_;
  c10::impl::VirtualGuardImpl guard_;
  c10::Stream stream_;
};

}  // namespace

std::shared_ptr<const DeviceMemory> accelerator_memory(const c10::Storage& storage) {
  return std::make_shared<const AcceleratorMemory>(storage);
}

}  // namespace cairn::checkpoint
