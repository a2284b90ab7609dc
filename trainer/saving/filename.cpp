// Names of checkpoints: templates with Python's format specifications.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include "trainer/checkpointing.hpp"
#include "trainer/state/names.hpp"

namespace cairn {
namespace {

/// [[fill]align][sign][0][width][.precision][type] of Python's format mini-language, for numbers.
struct FormatSpec {
  char fill{' '};
  char align{'>'};
  char sign{'-'};
  std::size_t width{0};
  int precision{-1};
  char type{'\0'};
};

bool is_align(char c) {
  return c == '<' || c == '>' || c == '^' || c == '=';
}

std::size_t take_number(std::string_view& text) {
  std::size_t number = 0;
  while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    number =
        std::min<std::size_t>(number * 10 + static_cast<std::size_t>(text.front() - '0'), 1000);
    text.remove_prefix(1);
  }
  return number;
}

FormatSpec parse_spec(std::string_view text) {
  const std::string whole(text);
  FormatSpec spec;
  if (text.size() > 1 && is_align(text[1])) {
    spec.fill = text[0];
    spec.align = text[1];
    text.remove_prefix(2);
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && (text[0] == '+' || text[0] == '-' || text[0] == ' ')) {
    spec.sign = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] == '0') {
    spec.fill = '0';
    spec.align = '=';
    text.remove_prefix(1);
  }
  spec.width = take_number(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    spec.precision = static_cast<int>(take_number(text));
  }
  if (!text.empty()) {
    spec.type = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() ||
      std::string_view("\0deEfFgG%", 9).find(spec.type) == std::string_view::npos) {
    throw std::invalid_argument("ModelCheckpoint: the format '" + whole +
                                "' in the filename is not one for numbers");
  }
  return spec;
}

std::string digits_of(double magnitude, const FormatSpec& spec) {
  const bool whole = magnitude == std::floor(magnitude) && magnitude < 9e15;
  if (spec.type == 'd' || (spec.type == '\0' && spec.precision < 0 && whole))
    return std::to_string(std::llround(magnitude));
  if (spec.type == '\0' && spec.precision < 0) return detail::python_repr(magnitude);
  const bool percent = spec.type == '%';
  const char type = percent ? 'f' : (spec.type == '\0' ? 'g' : spec.type);
  const std::array<char, 6> format{'%', '.', '*', type, '\0', '\0'};
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  std::array<char, 512> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), format.data(), precision,
                                   percent ? magnitude * 100 : magnitude);
  return std::string(buffer.data(),
                     std::min(static_cast<std::size_t>(std::max(length, 0)), buffer.size() - 1)) +
         (percent ? "%" : "");
}

std::string format_number(double value, std::string_view text) {
  const FormatSpec spec = parse_spec(text);
  std::string sign =
      std::signbit(value) ? "-" : (spec.sign == '-' ? "" : std::string(1, spec.sign));
  std::string digits = std::isfinite(value) ? digits_of(std::fabs(value), spec)
                                            : (std::isnan(value) ? "nan" : "inf");
  const std::size_t length = sign.size() + digits.size();
  const std::size_t padding = spec.width > length ? spec.width - length : 0;
  if (spec.align == '=') return sign + std::string(padding, spec.fill) + digits;
  const std::size_t before = spec.align == '<' ? 0 : (spec.align == '^' ? padding / 2 : padding);
  return std::string(before, spec.fill) + sign + digits + std::string(padding - before, spec.fill);
}

}  // namespace

std::string format_checkpoint_name(std::string_view filename, const Metrics& metrics,
                                   bool auto_insert_metric_name) {
  std::string out;
  while (!filename.empty()) {
    const std::size_t open = filename.find('{');
    out += filename.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = filename.find('}', open);
    if (close == std::string_view::npos)
      throw std::invalid_argument("ModelCheckpoint: a '{' in the filename has no '}'");
    const std::string_view group = filename.substr(open + 1, close - open - 1);
    const std::size_t colon = group.find(':');
    const std::string_view key = group.substr(0, colon);
    const std::string_view spec =
        colon == std::string_view::npos ? std::string_view() : group.substr(colon + 1);
    const auto metric = metrics.find(key);
    if (auto_insert_metric_name) out += std::string(key) + "=";
    out += format_number(metric == metrics.end() ? 0.0 : metric->second, spec);
    filename.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace cairn
