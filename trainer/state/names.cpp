#include "trainer/state/names.hpp"

#include <cxxabi.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace cairn::detail {
namespace {

// float.__repr__: the shortest digits that round-trip, fixed for exponents in [-4, 16), with ".0"
// where it would look like an int.
std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double magnitude = std::fabs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  std::array<char, 64> buffer{};
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  std::string text(buffer.data(), end);
  if (fixed && text.find('.') == std::string::npos) text += ".0";
  return text;
}

// str.__repr__ for UTF-8 text: single quotes unless only those occur; control characters escaped.
std::string string_repr(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  const char quote = single && text.find('"') == std::string_view::npos ? '"' : '\'';
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out + quote;
}

template <class Range, class Repr>
std::string join(const Range& items, Repr repr) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + repr(item);
  return out;
}

}  // namespace

std::string class_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 ? demangled.get() : type.name();
  // Cut at the last "::" that is outside of template arguments and of "(anonymous namespace)".
  int depth = 0;
  for (std::size_t i = name.size(); i-- > 0;) {
    if (name[i] == '>' || name[i] == ')') ++depth;
    if (name[i] == '<' || name[i] == '(') --depth;
    if (depth == 0 && name[i] == ':') return name.substr(i + 1);
  }
  return name;
}

std::string python_repr(const checkpoint::Value& value) {
  using checkpoint::Kind;
  switch (value.kind()) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return value.as_bool() ? "True" : "False";
    case Kind::integer:
      return std::to_string(value.as_int());
    case Kind::real:
      return float_repr(value.as_double());
    case Kind::string:
      return string_repr(value.as_string());
    case Kind::list:
      return "[" + join(value.as_sequence(), python_repr) + "]";
    case Kind::tuple:
      return "(" + join(value.as_sequence(), python_repr) +
             (value.as_tuple().size() == 1 ? ",)" : ")");
    case Kind::dict:
      return "{" +
             join(value.as_dict().items(),
                  [](const auto& item) {
                    return python_repr(item.first) + ": " + python_repr(item.second);
                  }) +
             "}";
    default:
      throw std::invalid_argument("no Python literal for a value of kind " +
                                  std::string(to_string(value.kind())));
  }
}

}  // namespace cairn::detail
