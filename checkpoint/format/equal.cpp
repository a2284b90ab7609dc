// Deep comparison of trees.
#include <algorithm>
#include <cstring>
#include <set>

#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/storage_bytes.hpp"
#include "checkpoint/format/value.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint {
namespace {

bool same_elements(const StoredTensor& left, const StoredTensor& right) {
  if (left.numel() == 0) return true;
  if (left.storage->device || right.storage->device)
    return same_elements(format::fetched(left), format::fetched(right));
  const std::size_t item = item_size(left.dtype);
  const std::byte* left_data = left.storage->data;
  const std::byte* right_data = right.storage->data;
  if (left_data == nullptr || right_data == nullptr) return left_data == right_data;
  // Along a dimension that stands still in both, one element is all: a few bytes can be expanded to
  // 2^62 elements.
  StoredTensor a_view = left;
  StoredTensor b_view = right;
  for (std::size_t d = 0; d < left.sizes.size(); ++d) {
    if (left.strides[d] == 0 && right.strides[d] == 0) a_view.sizes[d] = b_view.sizes[d] = 1;
  }
  const std::int64_t count = a_view.numel();
  format::Positions left_at(a_view);
  format::Positions right_at(b_view);
  for (std::int64_t n = 0; n < count; ++n, left_at.advance(), right_at.advance()) {
    const std::byte* a = left_data + static_cast<std::size_t>(left_at.at()) * item;
    const std::byte* b = right_data + static_cast<std::size_t>(right_at.at()) * item;
    if (std::memcmp(a, b, item) != 0) return false;
  }
  return true;
}

bool same_tensor(const StoredTensor& left, const StoredTensor& right) {
  if (left.dtype != right.dtype || left.sizes != right.sizes) return false;
  if (left.requires_grad != right.requires_grad || left.parameter != right.parameter) return false;
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
      case Kind::complex:
        return same_real(left.as_complex().real(), right.as_complex().real()) &&
               same_real(left.as_complex().imag(), right.as_complex().imag());
      case Kind::string:
        return left.as_string() == right.as_string();
      case Kind::bytes:
        return left.as_bytes() == right.as_bytes();
      case Kind::list:
        return once(left, right,
                    [&] { return sequence(left.as_list().items(), right.as_list().items()); });
      case Kind::tuple:
        return left.as_tuple().is_shape() == right.as_tuple().is_shape() && once(left, right, [&] {
                 return sequence(left.as_tuple().items(), right.as_tuple().items());
               });
      case Kind::dict:
        return once(left, right, [&] { return dict(left.as_dict(), right.as_dict()); });
      case Kind::set:
        return once(left, right, [&] { return set(left.as_set(), right.as_set()); });
      case Kind::opaque:
        return once(left, right, [&] { return opaque(left.as_opaque(), right.as_opaque()); });
      case Kind::dtype:
        return left.as_dtype() == right.as_dtype();
      case Kind::device:
        return left.as_device() == right.as_device();
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
  bool once(const Value& left, const Value& right, const Compare& compare) {
    const std::pair pair(left.identity(), right.identity());
    if (pair.first == pair.second || equal_.contains(pair)) return true;
    if (!compare()) return false;
    equal_.insert(pair);
    return true;
  }

  bool sequence(const std::vector<Value>& left, const std::vector<Value>& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i], right[i])) return false;
    }
    return true;
  }

  bool entries(const std::vector<Dict::Item>& left, const std::vector<Dict::Item>& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i].first, right[i].first) || !equal(left[i].second, right[i].second))
        return false;
    }
    return true;
  }

  bool dict(const Dict& left, const Dict& right) {
    return left.type() == right.type() && entries(left.items(), right.items()) &&
           equal(left.attributes(), right.attributes());
  }

  // Without their order, which Python does not keep. Objects are found by identity there, and here
  // by what they hold.
  bool set(const Set& left, const Set& right) {
    return left.size() == right.size() &&
           std::all_of(left.items().begin(), left.items().end(), [&](const Value& item) {
             return right.contains(item) ||
                    std::any_of(right.items().begin(), right.items().end(),
                                [&](const Value& other) { return equal(item, other); });
           });
  }

  bool opaque(const Opaque& left, const Opaque& right) {
    if (left.form() != right.form()) return false;
    switch (left.form()) {
      case Opaque::Form::name:
        return left.full_name() == right.full_name();
      case Opaque::Form::storage:
        return same_storage(left, right);
      case Opaque::Form::cut:
        return true;
      default:
        return equal(left.callee(), right.callee()) &&
               equal(Value(left.arguments()), Value(right.arguments())) &&
               sequence(left.items(), right.items()) && entries(left.entries(), right.entries()) &&
               equal(left.state(), right.state());
    }
  }

  static bool same_storage(const Opaque& left, const Opaque& right) {
    const Storage& a = *left.memory();
    const Storage& b = *right.memory();
    if (left.is_untyped() != right.is_untyped() || a.dtype != b.dtype || a.nbytes != b.nbytes)
      return false;
    if (a.nbytes == 0) return true;
    if (a.data == nullptr || b.data == nullptr) return a.data == b.data;
    return std::memcmp(a.data, b.data, static_cast<std::size_t>(a.nbytes)) == 0;
  }

  std::set<std::pair<const void*, const void*>> equal_;
};

}  // namespace

bool equal(const Value& left, const Value& right) {
  return Comparison().equal(left, right);
}

}  // namespace cairn::checkpoint
