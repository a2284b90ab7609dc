// Classes that CEREAL_REGISTER_TYPE made known: how one is stored and made behind a pointer to its
// base. Included by checkpoint/cereal.hpp.
#pragma once

#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <cereal/types/memory.hpp>
#include <cereal/types/polymorphic.hpp>

#include "checkpoint/tree_archive.hpp"

namespace cairn::checkpoint::tree {

using OutputBindings = cereal::detail::OutputBindingMap<TreeOutputArchive>;
using InputBindings = cereal::detail::InputBindingMap<TreeInputArchive>;

inline const auto& output_bindings() {
  return cereal::detail::StaticObject<OutputBindings>::getInstance().map;
}
inline const auto& input_bindings() {
  return cereal::detail::StaticObject<InputBindings>::getInstance().map;
}

/// What a class needs to be stored behind a pointer to its base; CEREAL_REGISTER_TYPE makes it.
template <class T>
void save_registered(void* archive, const void* object, const std::type_info& base) {
  auto& output = *static_cast<TreeOutputArchive*>(archive);
  const T* own = cereal::detail::PolymorphicCasters::downcast<T>(object, base);
  output.announce(cereal::detail::binding_name<T>::name());
  output(*own);
}

/// With load_and_construct, or the default constructor, which may be private.
template <class T>
std::unique_ptr<T> load_new(TreeInputArchive& archive) {
  if constexpr (cereal::traits::has_load_and_construct<T, TreeInputArchive>::value) {
    struct Release {
      void operator()(T* memory) const { ::operator delete(memory); }
    };
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    std::unique_ptr<T, Release> memory(static_cast<T*>(::operator new(sizeof(T))));
    cereal::memory_detail::LoadAndConstructLoadWrapper<TreeInputArchive, T> wrapper(memory.get());
    archive(wrapper);
    return std::unique_ptr<T>(memory.release());
  } else {
    std::unique_ptr<T> object(cereal::access::construct<T>());
    archive(*object);
    return object;
  }
}

template <class T>
std::shared_ptr<T> load_new_shared(TreeInputArchive& archive) {
  if (const auto known = archive.find_shared(typeid(T))) {
    archive.skip();
    return std::static_pointer_cast<T>(known);
  }
  return archive.share(typeid(T), [&] { return std::shared_ptr<T>(load_new<T>(archive)); });
}

/// The name in a file may be that of a class from another family.
template <class T>
void check_base(TreeInputArchive& archive, const std::type_info& base) {
  if (base == typeid(T)) return;
  if (cereal::detail::PolymorphicCasters::lookup_if_exists(base, typeid(T)).first) return;
  archive.fail(ErrorCode::type,
               std::string("is of the class \"") + cereal::detail::binding_name<T>::name() +
                   "\", which is not known to derive from " + cereal::util::demangle(base.name()) +
                   ": CEREAL_REGISTER_POLYMORPHIC_RELATION");
}

template <class T>
void load_registered_shared(void* archive, std::shared_ptr<void>& result,
                            const std::type_info& base) {
  auto& input = *static_cast<TreeInputArchive*>(archive);
  check_base<T>(input, base);
  auto object = load_new_shared<T>(input);
  if (base == typeid(T)) {
    result = std::move(object);
  } else {
    result = cereal::detail::PolymorphicCasters::upcast<T>(object, base);
  }
}

using ErasedUnique = std::unique_ptr<void, cereal::detail::EmptyDeleter<void>>;

template <class T>
void load_registered_unique(void* archive, ErasedUnique& result, const std::type_info& base) {
  auto& input = *static_cast<TreeInputArchive*>(archive);
  check_base<T>(input, base);
  auto object = load_new<T>(input);
  if (base == typeid(T)) {
    result.reset(object.release());
  } else {
    result.reset(cereal::detail::PolymorphicCasters::upcast<T>(object.get(), base));
    static_cast<void>(object.release());
  }
}

}  // namespace cairn::checkpoint::tree

// cereal's own bindings write an id of the class; ours its name.
namespace cereal::detail {
template <class T>
struct OutputBindingCreator<cairn::checkpoint::TreeOutputArchive, T> {
  OutputBindingCreator() {
    using Map = cairn::checkpoint::tree::OutputBindings;
    const auto lock = StaticObject<Map>::lock();
    const auto save = &cairn::checkpoint::tree::save_registered<T>;
    StaticObject<Map>::getInstance().map.insert({typeid(T), {save, save}});
  }
};
template <class T>
struct InputBindingCreator<cairn::checkpoint::TreeInputArchive, T> {
  InputBindingCreator() {
    using Map = cairn::checkpoint::tree::InputBindings;
    const auto lock = StaticObject<Map>::lock();
    StaticObject<Map>::getInstance().map.insert(
        {binding_name<T>::name(),
         {&cairn::checkpoint::tree::load_registered_shared<T>,
          &cairn::checkpoint::tree::load_registered_unique<T>}});
  }
};
}  // namespace cereal::detail

CEREAL_REGISTER_ARCHIVE(cairn::checkpoint::TreeOutputArchive)
CEREAL_REGISTER_ARCHIVE(cairn::checkpoint::TreeInputArchive)
