// The progress bar on a terminal, plain lines elsewhere. Rendering is a pure function.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "trainer/metrics.hpp"
#include "vfs/export.hpp"

namespace cairn {

/// What there is to show.
struct ProgressState {
  std::string label{};                  ///< "Epoch 3", "Validation", "Test"
  std::int64_t done{0};                 ///< batches
  std::optional<std::int64_t> total{};  ///< unknown for endless data
  double seconds{0};                    ///< since the label began
  std::int64_t done_before{0};          ///< batches that a resumed epoch did not have to do
  Metrics metrics{};
};

/// "Epoch 3:  45%|█████▍      | 45/100 [00:12<00:15, 3.61 it/s, loss=0.123]", at most `width`
/// columns.
[[nodiscard]] CAIRN_API std::string render_bar(const ProgressState& state, int width);
/// "Epoch 3: 45/100 (45%) 3.61 it/s loss=0.123": for logs and pipes.
[[nodiscard]] CAIRN_API std::string render_line(const ProgressState& state);

struct ProgressOptions {
  bool terminal{false};
  int width{80};
  std::chrono::milliseconds bar_interval{100};
  std::chrono::milliseconds line_interval{10'000};
};

/// Writes to a stream, seldom enough not to be felt: `due` is one look at the clock.
class CAIRN_API ProgressWriter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  ProgressWriter(std::ostream& out, ProgressOptions options);
  /// On stderr: a bar where it is a terminal, lines otherwise.
  [[nodiscard]] static ProgressWriter standard();

  [[nodiscard]] bool due(TimePoint now) const noexcept { return now >= next_; }
  void show(const ProgressState& state, TimePoint now);
  void finish(const ProgressState& state, TimePoint now);  ///< the last of a label: always written
  void message(const std::string& text);                   ///< a line of its own

 private:
  std::ostream* out_;
  ProgressOptions options_;
  TimePoint next_{};
  bool bar_open_{false};
};

}  // namespace cairn
