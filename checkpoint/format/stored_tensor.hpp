// Tensors without LibTorch: strided views into storages.
#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/format/dtype.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

struct StorageWords;  // private: how the file that a storage came from spells it
class DeviceMemory;   // checkpoint/format/device_memory.hpp

/// The memory of one or more tensors. Two tensors share it if they hold the same Storage.
struct Storage {
  DType dtype{DType::float32};   ///< of the first tensor stored; torch files a storage under one type
  std::string location{"cpu"};   ///< "cuda:0": where it was
  std::uint64_t nbytes{0};
  std::byte* data{nullptr};      ///< nullptr while not loaded, if it is empty, and if it is an accelerator's: `device`
  std::any owner{};              ///< keeps `data` alive; checkpoint/tensor.hpp puts a c10::Storage here
  std::shared_ptr<const DeviceMemory> device{};  ///< fetched part by part when it is saved
  std::shared_ptr<const StorageWords> words{};
};

/// A strided view into a storage. Without LibTorch this is what a tensor is; checkpoint/tensor.hpp converts to and from at::Tensor.
struct StoredTensor {
  std::shared_ptr<Storage> storage{};
  DType dtype{DType::float32};
  std::int64_t offset{0};  ///< in elements
  std::vector<std::int64_t> sizes{};
  std::vector<std::int64_t> strides{};  ///< in elements
  bool requires_grad{false};
  bool parameter{false};  ///< a torch.nn.Parameter
  bool conjugate{false};  ///< math bits of torch
  bool negative{false};

  [[nodiscard]] CAIRN_API std::int64_t numel() const;

  // Those below need a view that lies in its storage, as every loaded tensor does.

  /// Whether the elements lie without a gap, the last dimension fastest. No elements always do.
  [[nodiscard]] CAIRN_API bool is_contiguous() const;
  /// The tensor itself if it is contiguous, else one with a copy of the elements; on the CPU in any case. Needs data.
  [[nodiscard]] CAIRN_API StoredTensor contiguous() const;
  /// The memory of the elements of a contiguous tensor with data on the CPU.
  [[nodiscard]] CAIRN_API std::span<const std::byte> bytes() const;
};

}  // namespace cairn::checkpoint
