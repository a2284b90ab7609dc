// An accelerator for machines that have none: LibTorch's device of one's own (PrivateUse1), with
// streams and pinned memory. Its memory is the CPU's, but what is begun on a stream is done only
// when somebody waits for it, so that a forgotten wait is seen every time.
#pragma once

#include <cstddef>
#include <functional>

#include <ATen/core/Tensor.h>

namespace cairn::test::simulated_device {

[[nodiscard]] at::Device device();
/// Filled at once.
[[nodiscard]] at::Tensor full(std::int64_t size, float value);
/// On the current stream: done when it is waited for.
void begin(std::function<void()> work);
void begin_fill(const at::Tensor& tensor, float value);

/// Bytes of pinned memory that are in use, and the most since the last call of forget().
[[nodiscard]] std::size_t pinned();
[[nodiscard]] std::size_t most_pinned();
/// Bytes that were copied to the CPU since the last call of forget(), and how many of the copies
/// were not begun on the current stream.
[[nodiscard]] std::size_t copied();
[[nodiscard]] std::size_t copies_beside();
void forget();
/// The next copy to the CPU throws.
void fail_next_copy();

}  // namespace cairn::test::simulated_device
