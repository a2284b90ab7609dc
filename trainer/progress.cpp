#include "trainer/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

namespace cairn {
namespace {

template <class... T>
std::string print(const char* format, T... values) {
  std::array<char, 128> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 3.6e6));
  return whole >= 3600 ? print("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60)
                       : print("%02ld:%02ld", whole / 60, whole % 60);
}

double rate(const ProgressState& state) {
  return state.seconds > 0 ? static_cast<double>(state.done - state.done_before) / state.seconds
                           : 0;
}

std::string rate_text(const ProgressState& state) {
  return print("%.2f it/s", rate(state));
}

std::string metrics_text(const ProgressState& state, const char* separator) {
  std::string text;
  for (const auto& [name, value] : state.metrics)
    text += separator + name + "=" + print("%.4g", value);
  return text;
}

// A bar of `cells` columns in eighths.
std::string bar(double share, int cells) {
  static constexpr std::array<const char*, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(share * cells * 8);
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += parts[static_cast<std::size_t>(eighths % 8)];
  const int used = eighths / 8 + (eighths % 8 != 0 ? 1 : 0);
  return text + std::string(static_cast<std::size_t>(std::max(cells - used, 0)), ' ');
}

}  // namespace

std::string render_bar(const ProgressState& state, int width) {
  if (!state.total) {
    std::string text = state.label + ": " + std::to_string(state.done) + " [" +
                       clock_text(state.seconds) + ", " + rate_text(state) +
                       metrics_text(state, ", ") + "]";
    return text.substr(0, static_cast<std::size_t>(std::max(width, 0)));
  }
  const double share =
      *state.total > 0
          ? std::clamp(static_cast<double>(state.done) / static_cast<double>(*state.total), 0.0,
                       1.0)
          : 1.0;
  const double speed = rate(state);
  const std::string left =
      speed > 0 ? clock_text(static_cast<double>(*state.total - state.done) / speed) : "?";
  const std::string before =
      state.label + ": " + print("%3d%%", static_cast<int>(share * 100)) + "|";
  std::string after = "| " + std::to_string(state.done) + "/" + std::to_string(*state.total) +
                      " [" + clock_text(state.seconds) + "<" + left + ", " + rate_text(state) +
                      metrics_text(state, ", ") + "]";
  const int room = width - static_cast<int>(before.size());
  constexpr int smallest_bar = 5;
  if (static_cast<int>(after.size()) > room - smallest_bar)
    after.resize(static_cast<std::size_t>(std::max(room - smallest_bar, 0)));
  return before + bar(share, std::clamp(room - static_cast<int>(after.size()), 0, 40)) + after;
}

std::string render_line(const ProgressState& state) {
  std::string text = state.label + ": " + std::to_string(state.done);
  if (state.total) {
    text += "/" + std::to_string(*state.total);
    if (*state.total > 0)
      text += print(" (%d%%)", static_cast<int>(100 * state.done / *state.total));
  }
  return text + " " + rate_text(state) + metrics_text(state, " ");
}

ProgressWriter::ProgressWriter(std::ostream& out, ProgressOptions options)
    : out_(&out), options_(options) {}

ProgressWriter ProgressWriter::standard() {
  ProgressOptions options{.terminal = isatty(STDERR_FILENO) == 1};
  winsize size{};
  if (options.terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    options.width = size.ws_col;
  return {std::cerr, options};
}

void ProgressWriter::show(const ProgressState& state, TimePoint now) {
  next_ = now + (options_.terminal ? options_.bar_interval : options_.line_interval);
  if (options_.terminal) {
    *out_ << "\r\033[K" << render_bar(state, options_.width - 1) << std::flush;
    bar_open_ = true;
  } else {
    *out_ << render_line(state) << std::endl;
  }
}

void ProgressWriter::finish(const ProgressState& state, TimePoint now) {
  show(state, now);
  if (bar_open_) *out_ << std::endl;
  bar_open_ = false;
}

void ProgressWriter::message(const std::string& text) {
  if (bar_open_) *out_ << "\r\033[K";
  bar_open_ = false;
  *out_ << text << std::endl;
}

}  // namespace cairn
