// Pickles by hand: each function gives the operations that make one value (CPython,
// Lib/pickletools.py has them all). Nothing checks that they make sense.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace hostile::pickle {

using Ops = std::string;

[[nodiscard]] Ops whole(const Ops& body);  // with PROTO 2 and STOP
[[nodiscard]] Ops integer(std::int64_t value);
[[nodiscard]] Ops text(const std::string& value);
[[nodiscard]] Ops global(const std::string& module, const std::string& name);
[[nodiscard]] Ops tuple(std::initializer_list<Ops> items);
[[nodiscard]] Ops list(std::initializer_list<Ops> items);
/// Keys and values in turn.
[[nodiscard]] Ops dict(std::initializer_list<Ops> items);
[[nodiscard]] Ops call(const Ops& callee, const Ops& arguments);
[[nodiscard]] Ops put(std::uint32_t number);  // the top of the stack into the memo
[[nodiscard]] Ops get(std::uint32_t number);
[[nodiscard]] Ops repeat(const Ops& ops, std::size_t times);

inline const Ops kNone = "N";
inline const Ops kTrue = "\x88";
inline const Ops kFalse = "\x89";
inline const Ops kEmptyTuple = ")";
inline const Ops kEmptyList = "]";
inline const Ops kEmptyDict = "}";

[[nodiscard]] Ops ordered_dict();  // an empty one

/// A storage as torch.save refers to it; by default the good one of archive_around().
struct StorageId {
  Ops tag{text("storage")};
  Ops type{global("torch", "FloatStorage")};
  Ops key{text("0")};
  Ops location{text("cpu")};
  Ops count{integer(4)};

  [[nodiscard]] Ops id() const;   // the tuple
  [[nodiscard]] Ops ops() const;  // the storage
};

/// A tensor; by default a good one of 2 x 2.
struct Tensor {
  Ops function{global("torch._utils", "_rebuild_tensor_v2")};
  Ops storage{StorageId{}.ops()};
  Ops offset{integer(0)};
  Ops sizes{tuple({integer(2), integer(2)})};
  Ops strides{tuple({integer(2), integer(1)})};
  Ops requires_grad{kFalse};
  Ops hooks{ordered_dict()};
  Ops more{};  // arguments behind them

  [[nodiscard]] Ops ops() const;
};

}  // namespace hostile::pickle
