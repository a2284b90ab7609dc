// The IDX files of MNIST and Fashion-MNIST: gzipped, big-endian sizes, then bytes.
#pragma once

#include <filesystem>
#include <string>

#include <ATen/core/Tensor.h>

namespace fashion_mnist {

/// Bytes (uint8) in the shape that the file's header gives. Throws std::runtime_error that names
/// the file and the cause.
[[nodiscard]] at::Tensor read_idx(const std::filesystem::path& file);

struct Split {
  at::Tensor images{};  ///< [n, 28, 28], uint8
  at::Tensor labels{};  ///< [n], int64, 0 to 9
};

/// `name` is "train" (60,000) or "t10k" (10,000). Throws as read_idx, also if images and labels
/// don't belong together.
[[nodiscard]] Split read_split(const std::filesystem::path& folder, const std::string& name);

}  // namespace fashion_mnist
