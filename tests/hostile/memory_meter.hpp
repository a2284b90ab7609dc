// How much memory a call takes: the program's operator new counts.
#pragma once

#include <cstddef>

namespace hostile {

/// Bytes that new gave and delete has not taken back, in all threads.
[[nodiscard]] std::size_t live_bytes() noexcept;
/// The most that there were since the last call of restart_peak().
[[nodiscard]] std::size_t peak_bytes() noexcept;
void restart_peak() noexcept;

}  // namespace hostile
