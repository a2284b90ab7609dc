// Whether two objects of tree_objects.hpp are the same: bit for bit, with the same objects shared.
// It goes by the objects, not by what the archives make of them.
#pragma once

#include <algorithm>
#include <complex>
#include <concepts>
#include <cstring>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

#include "tests/fuzz/tree_objects.hpp"

namespace fuzz_tree {

class Same {
 public:
  template <class T>
  bool operator()(const T& left, const T& right) {
    if constexpr (std::floating_point<T>) {
      return std::memcmp(&left, &right, sizeof(T)) == 0;
    } else if constexpr (requires { left.fields(); }) {
      return all(left.fields(), right.fields());
    } else {
      return same(left, right);
    }
  }

 private:
  template <class Fields>
  bool all(const Fields& left, const Fields& right) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((*this)(std::get<I>(left), std::get<I>(right)) && ...);
    }(std::make_index_sequence<std::tuple_size_v<Fields>>());
  }

  template <class T>
    requires std::equality_comparable<T> && (!std::ranges::range<T>)
  bool same(const T& left, const T& right) {
    return left == right;
  }
  template <class T>
  bool same(const std::complex<T>& left, const std::complex<T>& right) {
    return (*this)(left.real(), right.real()) && (*this)(left.imag(), right.imag());
  }
  bool same(const std::string& left, const std::string& right) { return left == right; }
  bool same(const std::vector<bool>& left, const std::vector<bool>& right) { return left == right; }
  template <std::ranges::range Items>
  bool same(const Items& left, const Items& right) {
    return std::equal(std::begin(left), std::end(left), std::begin(right), std::end(right),
                      std::ref(*this));
  }
  template <class K, class V>
  bool same(const std::unordered_map<K, V>& left, const std::unordered_map<K, V>& right) {
    return left.size() == right.size() && std::ranges::all_of(left, [&](const auto& item) {
             const auto found = right.find(item.first);
             return found != right.end() && (*this)(item.second, found->second);
           });
  }
  template <class K>
  bool same(const std::unordered_set<K>& left, const std::unordered_set<K>& right) {
    return left == right;
  }
  template <class A, class B>
  bool same(const std::pair<A, B>& left, const std::pair<A, B>& right) {
    return (*this)(left.first, right.first) && (*this)(left.second, right.second);
  }
  template <class... Items>
  bool same(const std::tuple<Items...>& left, const std::tuple<Items...>& right) {
    return all(left, right);
  }
  template <class T>
  bool same(const std::optional<T>& left, const std::optional<T>& right) {
    return left.has_value() == right.has_value() && (!left || (*this)(*left, *right));
  }
  template <class... Items>
  bool same(const std::variant<Items...>& left, const std::variant<Items...>& right) {
    return left.index() == right.index() &&
           std::visit(
               [&](const auto& item) {
                 return (*this)(item, std::get<std::decay_t<decltype(item)>>(right));
               },
               left);
  }

  template <class T>
  bool same(const std::unique_ptr<T>& left, const std::unique_ptr<T>& right) {
    return (left == nullptr) == (right == nullptr) && (!left || object(*left, *right));
  }
  template <class T>
  bool same(const std::shared_ptr<T>& left, const std::shared_ptr<T>& right) {
    if (left == nullptr || right == nullptr) return left == right;
    const auto [known, is_new] = shared_.try_emplace(left.get(), right.get());
    return known->second == right.get() && (!is_new || object(*left, *right));
  }

  template <class T>
  bool object(const T& left, const T& right) {
    return (*this)(left, right);
  }
  bool object(const Shape& left, const Shape& right) {
    if (typeid(left) != typeid(right)) return false;
    if (const auto* circle = dynamic_cast<const Circle*>(&left))
      return (*this)(*circle, dynamic_cast<const Circle&>(right));
    if (const auto* turtle = dynamic_cast<const Turtle*>(&left))
      return (*this)(*turtle, dynamic_cast<const Turtle&>(right));
    return left.id == right.id;
  }
  bool object(const Animal& left, const Animal& right) {
    return (*this)(dynamic_cast<const Turtle&>(left), dynamic_cast<const Turtle&>(right));
  }

  // A tensor is a view of the file's memory, however many elements it makes of that.
  bool same(const at::Tensor& left, const at::Tensor& right) {
    if (!left.defined() || !right.defined()) return left.defined() == right.defined();
    if (left.layout() != right.layout() || left.scalar_type() != right.scalar_type() ||
        left.is_nested() != right.is_nested() || left.is_meta() != right.is_meta())
      return false;
    if (left.is_nested() || left.layout() != at::kStrided) return true;
    return left.sizes() == right.sizes() && left.strides() == right.strides() &&
           left.storage_offset() == right.storage_offset() && left.is_conj() == right.is_conj() &&
           left.is_neg() == right.is_neg() && left.requires_grad() == right.requires_grad() &&
           (left.is_quantized() || left.storage().data() == right.storage().data());
  }

  bool same(const cairn::checkpoint::Value& left, const cairn::checkpoint::Value& right) {
    if (left.identity() != nullptr) return left.identity() == right.identity();
    return equal(left, right);
  }

  std::map<const void*, const void*> shared_;
};

}  // namespace fuzz_tree
