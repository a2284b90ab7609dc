// Deep comparison of trees.
#include <cstring>
#include <set>

#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {
namespace {

bool same_elements(const StoredTensor& left, const StoredTensor& right) {
  const std::int64_t count = left.numel();
  if (count == 0) return true;
  const std::size_t item = item_size(left.dtype);
  const std::byte* left_data = left.storage->data;
  const std::byte* right_data = right.storage->data;
  if (left_data == nullptr || right_data == nullptr) return left_data == right_data;
  // An odometer over the index; offsets follow it.
  std::vector<std::int64_t> index(left.sizes.size(), 0);
  std::int64_t left_at = left.offset;
  std::int64_t right_at = right.offset;
  for (std::int64_t n = 0; n < count; ++n) {
    const std::byte* a = left_data + static_cast<std::size_t>(left_at) * item;
    const std::byte* b = right_data + static_cast<std::size_t>(right_at) * item;
    if (std::memcmp(a, b, item) != 0) return false;
    for (std::size_t d = index.size(); d-- > 0;) {
      left_at += left.strides[d];
      right_at += right.strides[d];
      if (++index[d] < left.sizes[d]) break;
      left_at -= left.strides[d] * left.sizes[d];
      right_at -= right.strides[d] * left.sizes[d];
      index[d] = 0;
    }
  }
  return true;
}

bool same_tensor(const StoredTensor& left, const StoredTensor& right) {
  if (left.dtype != right.dtype || left.sizes != right.sizes) return false;
  if (left.requires_grad != right.requires_grad) return false;
  if (left.conjugate != right.conjugate || left.negative != right.negative) return false;
  return same_elements(left, right);
}

// Pairs of containers that were found equal are not compared again: a small tree of shared lists
// can have 2^30 paths.
class Comparison {
 public:
  bool equal(const Value& left, const Value& right) {
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
      case Kind::none:
        return true;
      case Kind::boolean:
        return left.as_bool() == right.as_bool();
      case Kind::integer:
        return left.as_int() == right.as_int();
      case Kind::big_integer:
        return minimal_integer(left.as_big_int().data) == minimal_integer(right.as_big_int().data);
      case Kind::real:
        return same_real(left.as_double(), right.as_double());
      case Kind::string:
        return left.as_string() == right.as_string();
      case Kind::bytes:
        return left.as_bytes() == right.as_bytes();
      case Kind::list:
        return once(left.as_list().identity(), right.as_list().identity(),
                    [&] { return sequence(left.as_list().items(), right.as_list().items()); });
      case Kind::tuple:
        return once(left.as_tuple().identity(), right.as_tuple().identity(),
                    [&] { return sequence(left.as_tuple().items(), right.as_tuple().items()); });
      case Kind::dict:
        return once(left.as_dict().identity(), right.as_dict().identity(),
                    [&] { return dict(left.as_dict(), right.as_dict()); });
      case Kind::tensor:
        return same_tensor(left.as_tensor(), right.as_tensor());
    }
    return false;
  }

 private:
  // By bits: NaN equals itself, 0.0 is not -0.0.
  static bool same_real(double left, double right) {
    return std::memcmp(&left, &right, sizeof left) == 0;
  }

  template <class Compare>
  bool once(const void* left, const void* right, const Compare& compare) {
    if (left == right || equal_.contains({left, right})) return true;
    if (!compare()) return false;
    equal_.emplace(left, right);
    return true;
  }

  bool sequence(const std::vector<Value>& left, const std::vector<Value>& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i], right[i])) return false;
    }
    return true;
  }

  bool dict(const Dict& left, const Dict& right) {
    if (left.is_ordered() != right.is_ordered() || left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto& [left_key, left_value] = left.items()[i];
      const auto& [right_key, right_value] = right.items()[i];
      if (!equal(left_key, right_key) || !equal(left_value, right_value)) return false;
    }
    return equal(left.attributes(), right.attributes());
  }

  std::set<std::pair<const void*, const void*>> equal_;
};

}  // namespace

bool equal(const Value& left, const Value& right) {
  return Comparison().equal(left, right);
}

}  // namespace cairn::checkpoint
