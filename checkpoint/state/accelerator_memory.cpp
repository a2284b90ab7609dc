#include "checkpoint/state/accelerator_memory.hpp"

#include <array>
#include <exception>
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

// Neither memory may go while the device is at it.
class Copy final : public DeviceCopy {
 public:
  Copy(c10::Storage from, at::Tensor to) : from_(std::move(from)), to_(std::move(to)) {
    bytes_.append({static_cast<const std::byte*>(to_.const_data_ptr()), to_.nbytes()},
                  std::make_shared<const c10::Storage>(to_.storage()));
  }
  ~Copy() override {
    try {
      Copy::wait();
    } catch (const std::exception&) {  // of the device: nobody wants these bytes
    }
  }

  void begin(const at::Tensor& from, const c10::Stream& stream) {
    const c10::StreamGuard guard(stream);
    to_.copy_(from, /*non_blocking=*/true);
    done_.emplace(stream.device_type());
    done_->record(stream);
  }
  void hold_up(const c10::Stream& stream) const { done_->block(stream); }

  [[nodiscard]] const vfs::Body& bytes() const noexcept override { return bytes_; }
  void wait() override {
    if (done_) done_->synchronize();
    done_.reset();
  }

 private:
  c10::Storage from_;
  at::Tensor to_;
  vfs::Body bytes_;
  std::optional<c10::Event> done_;  // absent: it is over
};

class AcceleratorMemory final : public DeviceMemory {
 public:
  explicit AcceleratorMemory(const c10::Storage& storage)
      : storage_(storage), guard_(storage.device_type()), stream_(guard_.getStream(device())) {}

  [[nodiscard]] const void* address() const noexcept override { return storage_.data(); }

  [[nodiscard]] std::unique_ptr<DeviceCopy> copy(std::uint64_t offset,
                                                 std::uint64_t length) const override {
    const at::Tensor from = view(offset, length);
    const auto side = side_stream();
    const at::Tensor to = at::empty({static_cast<std::int64_t>(length)},
                                    at::TensorOptions(at::kByte).pinned_memory(side.has_value()));
    auto copy = std::make_unique<Copy>(storage_, to);
    if (!side) {
      to.copy_(from);
      return copy;
    }
    const std::array streams{stream_, guard_.getStream(device())};
    for (const c10::Stream& stream : streams) {
      c10::Event begun(device().type());
      begun.record(stream);
      begun.block(*side);
    }
    copy->begin(from, *side);
    for (const c10::Stream& stream : streams) copy->hold_up(stream);
    return copy;
  }

 private:
  [[nodiscard]] c10::Device device() const { return storage_.device(); }

  // Made by hand: every kernel but the copy would be one more that a device has to have.
  [[nodiscard]] at::Tensor view(std::uint64_t offset, std::uint64_t length) const {
    const auto type = c10::scalarTypeToTypeMeta(at::kByte);
    const auto key = c10::computeDispatchKey(at::kByte, std::nullopt, device());
    auto tensor = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage_),
                                                           c10::DispatchKeySet(key), type);
    tensor.unsafeGetTensorImpl()->set_sizes_and_strides(
        at::IntArrayRef{static_cast<std::int64_t>(length)}, at::IntArrayRef{1},
        static_cast<std::int64_t>(offset));
    return tensor;
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
