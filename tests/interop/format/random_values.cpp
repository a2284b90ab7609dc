#include "tests/interop/format/random_values.hpp"

#include <array>
#include <bit>
#include <complex>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/interop/format/random_tensors.hpp"

namespace interop {
namespace {

using namespace cairn::checkpoint;

// UTF-8, also of a lone surrogate, as Python's "surrogatepass" writes it.
void append_code_point(std::string& text, std::uint64_t code) {
  const auto continuation = [&](unsigned shift) {
    text.push_back(static_cast<char>(0x80U | ((code >> shift) & 0x3FU)));
  };
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0U | (code >> 6U)));
    continuation(0);
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xE0U | (code >> 12U)));
    continuation(6);
    continuation(0);
  } else {
    text.push_back(static_cast<char>(0xF0U | (code >> 18U)));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : dice_(seed), tensors_(dice_) {}

  Value value(int depth) {
    if (!seen_.empty() && dice_.one_in(7)) return dice_.pick(seen_);
    Value made = make(depth);
    seen_.push_back(made);
    return made;
  }

  // More items than a pickler puts into one batch.
  Value many() {
    List items;
    Dict by_number = dice_.one_in(2) ? Dict::ordered() : Dict();
    for (std::uint64_t left = 990 + dice_.below(20); left > 0; --left) {
      items.push_back(integer());
      by_number[Value(left)] = text();
    }
    return Tuple{items, by_number};
  }

 private:
  Value make(int depth) {
    const auto die = dice_.below(100);
    if (depth == 0 || die < 35) return scalar();
    if (die < 50) return tensors_.tensor();
    if (die < 60) return set();
    if (die < 65) return counter();
    if (die < 75) return dict(Dict(), depth);
    if (die < 85) return ordered(depth);
    std::vector<Value> items;
    for (auto left = count(); left > 0; --left) items.push_back(value(depth - 1));
    if (die < 93) return List(std::move(items));
    return Tuple(std::move(items));
  }

  std::uint64_t count() { return dice_.pick(std::array<std::uint64_t, 6>{0, 1, 2, 3, 4, 9}); }

  Value scalar() {
    switch (dice_.below(11)) {
      case 0:
        return {};
      case 1:
        return dice_.one_in(2);
      case 2:
        return integer();
      case 3:
        return real();
      case 4:
        return std::complex<double>(real(), real());
      case 5:
        return text();
      case 6:
        return bytes();
      case 7:
        return dice_.pick(dtypes());
      case 8:
        return device();
      case 9:
        return shape();
      default:
        return bytearray();
    }
  }

  Value integer() {
    if (dice_.one_in(4)) return big_integer();
    const auto bits = dice_.pick(std::array<unsigned, 7>{1, 8, 9, 16, 31, 32, 63});
    const auto number = static_cast<std::int64_t>(dice_.below(std::uint64_t{1} << bits));
    return dice_.one_in(2) ? number : -number;
  }

  // Rule: an int that fits into 64 bits comes back as such, and torch.load reads none of more than
  // 255 bytes. So the highest of 9 to 255 bytes is not one that only repeats the sign.
  Value big_integer() {
    if (dice_.one_in(4)) return dice_.number() | (std::uint64_t{1} << 63U);
    const auto size = dice_.pick(std::array<std::size_t, 5>{9, 10, 17, 128, 255});
    BigInt big{dice_.bytes(size)};
    const auto highest = 1 + dice_.below(0x7F);
    big.data.back() = static_cast<char>(dice_.one_in(2) ? highest : ~highest);
    return big;
  }

  double real() {
    using Limits = std::numeric_limits<double>;
    switch (dice_.below(4)) {
      case 0:
        return dice_.pick(std::array{0.0, -0.0, 1.0, -2.5, Limits::infinity(), -Limits::infinity(),
                                     Limits::max(), Limits::denorm_min()});
      case 1:  // NaN of either sign, with more bits than Python's own has
        return std::bit_cast<double>(dice_.number() | 0x7FF8'0000'0000'0000U);
      default:
        return std::bit_cast<double>(dice_.number());
    }
  }

  std::string text() {
    const auto codes =
        dice_.pick(std::array<std::uint64_t, 5>{0x5B, 0x80, 0x100, 0x10000, 0x110000});
    std::string made;
    for (auto left = dice_.pick(std::array<std::size_t, 6>{0, 1, 2, 5, 30, 300}); left > 0; --left)
      append_code_point(made, dice_.below(codes));
    return made;
  }

  Value bytes() {
    return Bytes{dice_.bytes(dice_.pick(std::array<std::size_t, 5>{0, 1, 2, 40, 300}))};
  }

  // As Python writes it, bytearray(bytes). Rule: an empty one is bytearray(), so there is none.
  Value bytearray() {
    return Opaque::make(Opaque::Form::call, Opaque::name("__builtin__", "bytearray"),
                        Tuple{Bytes{dice_.bytes(1 + dice_.below(20))}});
  }

  Value device() {
    Device made{.type =
                    dice_.pick(std::array<const char*, 5>{"cpu", "cuda", "meta", "mps", "xpu"})};
    if (dice_.one_in(2)) made.index = static_cast<std::int64_t>(dice_.below(8));
    return made;
  }

  Value shape() {
    std::vector<Value> sizes;
    for (auto left = dice_.below(5); left > 0; --left)
      sizes.emplace_back(dice_.below(dice_.one_in(2) ? 10 : std::uint64_t{1} << 63U));
    return Tuple::shape(std::move(sizes));
  }

  Value key() {
    switch (dice_.below(12)) {
      case 0:
        return {};
      case 1:
        return dice_.one_in(2);
      case 2:
        return real();
      case 3:
        return std::complex<double>(real(), real());
      case 4:
        return bytes();
      case 5:
        return dice_.pick(dtypes());
      case 6:
        return device();
      case 7:
        return shape();
      case 8:
        return Tuple{integer(), Tuple{text(), real()}};
      case 9:
        return tensors_.tensor();  // found by identity, in Python too
      case 10:
        return integer();
      default:
        return text();
    }
  }

  Value set() {
    Set made;
    for (auto left = count(); left > 0; --left) made.insert(key());
    return made;
  }

  Value counter() {
    Dict made(Dict::Type::counter);
    for (auto left = count(); left > 0; --left) made[key()] = integer();
    return made;
  }

  Value dict(Dict made, int depth) {
    for (auto left = count(); left > 0; --left) {
      const Value name = key();
      made[name] = value(depth - 1);
    }
    return made;
  }

  // Rule: Python keeps no attributes where there are none, and their names are texts.
  Value ordered(int depth) {
    const Value made = dict(Dict::ordered(), depth);
    if (!dice_.one_in(3)) return made;
    Dict attributes{{"_metadata", value(depth - 1)}};
    for (auto left = dice_.below(3); left > 0; --left) attributes[Value(text())] = value(depth - 1);
    Dict(made.as_dict()).set_attributes(attributes);
    return made;
  }

  Dice dice_;
  TensorMaker tensors_;
  std::vector<Value> seen_;
};

}  // namespace

Value random_state(std::uint64_t seed) {
  Maker maker(seed);
  Dict state{{"state", maker.value(6)}};
  for (int i = 0; i < 5; ++i) state[Value(i)] = maker.value(4);
  if (seed % 10 == 0) state["many"] = maker.many();
  return state;
}

}  // namespace interop
