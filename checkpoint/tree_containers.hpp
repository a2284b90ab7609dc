// The standard containers that cereal would write in a form that Python can't use as it is.
// Included by checkpoint/cereal.hpp.
#pragma once

#include <array>
#include <bitset>
#include <complex>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include <cereal/types/atomic.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/forward_list.hpp>
#include <cereal/types/functional.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/queue.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/stack.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/valarray.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include "checkpoint/tree_types.hpp"

namespace cairn::checkpoint {
namespace tree {

template <class Items>
void save_items(TreeOutputArchive& archive, const Items& items) {
  archive.set_shape(TreeOutputArchive::Shape::list);
  for (const auto& item : items) archive(item);
}

template <class Items>
void load_items(TreeInputArchive& archive, Items& items) {
  if (archive.sequence_size() != std::size(items))
    archive.fail(ErrorCode::type, "must have " + std::to_string(std::size(items)) + " items");
  for (auto& item : items) archive(item);
}

}  // namespace tree

template <class T, std::size_t N>
void save(TreeOutputArchive& archive, const std::array<T, N>& items) {
  tree::save_items(archive, items);
}
template <class T, std::size_t N>
void load(TreeInputArchive& archive, std::array<T, N>& items) {
  tree::load_items(archive, items);
}
template <class T, std::size_t N>
void save(TreeOutputArchive& archive, const T (&items)[N]) {
  tree::save_items(archive, items);
}
template <class T, std::size_t N>
void load(TreeInputArchive& archive, T (&items)[N]) {
  tree::load_items(archive, items);
}

/// A text of 0 and 1, the highest bit first: Python's int(text, 2).
template <std::size_t N>
void save(TreeOutputArchive& archive, const std::bitset<N>& bits) {
  archive.put(bits.to_string());
}
template <std::size_t N>
void load(TreeInputArchive& archive, std::bitset<N>& bits) {
  const auto text = archive.take_text();
  if (text.size() != N || text.find_first_not_of("01") != std::string::npos) {
    archive.fail(ErrorCode::type, "must be a text of " + std::to_string(N) + " digits 0 or 1");
  }
  bits = std::bitset<N>(text);
}

/// Python's complex.
template <class T>
void save(TreeOutputArchive& archive, const std::complex<T>& number) {
  archive.put(std::complex<double>(number));
}
template <class T>
void load(TreeInputArchive& archive, std::complex<T>& number) {
  number = static_cast<std::complex<T>>(archive.take_complex());
}

// cereal's {"index": …, "data": …}.
template <class First, class... Rest>
void load(TreeInputArchive& archive, std::variant<First, Rest...>& variant) {
  std::int64_t index = 0;
  archive(cereal::make_nvp("index", index));
  constexpr auto count = static_cast<std::int64_t>(sizeof...(Rest) + 1);
  if (index < 0 || index >= count) {
    archive.fail(ErrorCode::type, "must be within 0 and " + std::to_string(count - 1));
  }
  cereal::variant_detail::load_variant<0>(archive, static_cast<int>(index), variant);
}

template <class A, class B>
void save(TreeOutputArchive& archive, const std::pair<A, B>& pair) {
  archive.set_shape(TreeOutputArchive::Shape::tuple);
  archive(pair.first, pair.second);
}
template <class A, class B>
void load(TreeInputArchive& archive, std::pair<A, B>& pair) {
  if (archive.sequence_size() != 2) archive.fail(ErrorCode::type, "must have 2 items");
  archive(pair.first, pair.second);
}
template <class... Items>
void save(TreeOutputArchive& archive, const std::tuple<Items...>& items) {
  archive.set_shape(TreeOutputArchive::Shape::tuple);
  std::apply([&archive](const auto&... item) { (archive(item), ...); }, items);
}
template <class... Items>
void load(TreeInputArchive& archive, std::tuple<Items...>& items) {
  if (archive.sequence_size() != sizeof...(Items)) {
    archive.fail(ErrorCode::type, "must have " + std::to_string(sizeof...(Items)) + " items");
  }
  std::apply([&archive](auto&... item) { (archive(item), ...); }, items);
}

// None where there is none; a field that is missing in the file is none too, so that new fields can
// be added as std::optional.
template <class T>
void save(TreeOutputArchive& archive, const std::optional<T>& item) {
  if (!item) return archive.put(nullptr);
  archive(*item);
}
template <class T>
void load(TreeInputArchive& archive, std::optional<T>& item) {
  item.reset();
  if (archive.next_is_absent()) return archive.skip();
  archive(item.emplace());
}
}  // namespace cairn::checkpoint

// cereal has a serialize() for these; ours is taken.
namespace cereal {
template <class A, class B>
struct specialize<cairn::checkpoint::TreeOutputArchive, std::pair<A, B>,
                  specialization::non_member_load_save> {};
template <class A, class B>
struct specialize<cairn::checkpoint::TreeInputArchive, std::pair<A, B>,
                  specialization::non_member_load_save> {};
template <class... Items>
struct specialize<cairn::checkpoint::TreeOutputArchive, std::tuple<Items...>,
                  specialization::non_member_load_save> {};
template <class... Items>
struct specialize<cairn::checkpoint::TreeInputArchive, std::tuple<Items...>,
                  specialization::non_member_load_save> {};
template <class T, std::size_t N>
struct specialize<cairn::checkpoint::TreeOutputArchive, T[N],
                  specialization::non_member_load_save> {};
template <class T, std::size_t N>
struct specialize<cairn::checkpoint::TreeInputArchive, T[N], specialization::non_member_load_save> {
};
}  // namespace cereal
