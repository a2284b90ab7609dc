// The plain data of Python that C++ has no type for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::checkpoint {

/// Raw bytes, apart from text.
struct Bytes {
  std::string data{};
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// An int beyond 64 bits: little-endian two's complement, as in pickle's LONG1.
struct BigInt {
  std::string data{};
  friend bool operator==(const BigInt&, const BigInt&) = default;
};

/// torch.device: "cpu", "cuda", …, with an index if one was given.
struct Device {
  std::string type{"cpu"};
  std::optional<std::int64_t> index{};
  friend bool operator==(const Device&, const Device&) = default;
};

}  // namespace cairn::checkpoint
