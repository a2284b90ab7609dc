// Pointers in the tree of a cereal archive: what they point to, None for a null. Included by
// checkpoint/cereal.hpp.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "checkpoint/tree_registered.hpp"
#include "checkpoint/tree_types.hpp"

namespace cairn::checkpoint {
namespace tree {

template <class T>
void save_object(TreeOutputArchive& archive, const T& object) {
  if constexpr (std::is_polymorphic_v<T>) {
    if (typeid(object) != typeid(T)) {
      const auto found = output_bindings().find(typeid(object));
      if (found == output_bindings().end()) {
        throw Error(ErrorCode::unsupported,
                    "cereal tree: a pointer to a base class holds a " +
                        cereal::util::demangle(typeid(object).name()) +
                        ", which is not registered: CEREAL_REGISTER_TYPE after the includes");
      }
      return found->second.unique_ptr(&archive, std::addressof(object), typeid(T));
    }
  }
  if constexpr (!std::is_abstract_v<T>) archive(object);
}

/// Pointers that share an object share a container of the tree, so that they share it again after
/// loading; in Python it is one object as well.
template <class T>
void save_shared(TreeOutputArchive& archive, const std::shared_ptr<T>& pointer) {
  if (pointer == nullptr) return archive.put(nullptr);
  const T& object = *pointer;
  const void* address = pointer.get();
  if constexpr (std::is_polymorphic_v<T>) address = dynamic_cast<const void*>(pointer.get());
  if (archive.put_shared(address, typeid(object))) return;
  archive.begin_shared(address, typeid(object));
  save_object<std::remove_const_t<T>>(archive, object);
  archive.end_shared(pointer, address, typeid(object));
}

/// Of the class that the next value names; nullptr if it names none.
template <class T>
const InputBindings::Serializers* binding_of_next(TreeInputArchive& archive) {
  if constexpr (std::is_polymorphic_v<T>) {
    if (const auto type = archive.next_type()) {
      const auto found = input_bindings().find(*type);
      if (found != input_bindings().end()) return &found->second;
      std::string known;
      for (const auto& item : input_bindings()) known += (known.empty() ? "" : ", ") + item.first;
      archive.fail(ErrorCode::unsupported, "is of the class \"" + *type +
                                               "\", which is not registered; known are: " +
                                               (known.empty() ? "none" : known));
    }
  }
  if constexpr (std::is_abstract_v<T>) {
    archive.fail(ErrorCode::type, "must name its class under \"__type__\"");
  }
  return nullptr;
}

}  // namespace tree

template <class T>
void save(TreeOutputArchive& archive, const std::shared_ptr<T>& pointer) {
  tree::save_shared(archive, pointer);
}
template <class T>
void load(TreeInputArchive& archive, std::shared_ptr<T>& pointer) {
  using Object = std::remove_const_t<T>;
  pointer.reset();
  if (archive.next_is_absent()) return archive.skip();
  if (const auto* binding = tree::binding_of_next<Object>(archive)) {
    std::shared_ptr<void> object;
    binding->shared_ptr(&archive, object, typeid(Object));
    pointer = std::static_pointer_cast<T>(object);
    return;
  }
  if constexpr (!std::is_abstract_v<T>) pointer = tree::load_new_shared<Object>(archive);
}

template <class T, class D>
void save(TreeOutputArchive& archive, const std::unique_ptr<T, D>& pointer) {
  if (!pointer) return archive.put(nullptr);
  tree::save_object<std::remove_const_t<T>>(archive, *pointer);
}
template <class T, class D>
void load(TreeInputArchive& archive, std::unique_ptr<T, D>& pointer) {
  using Object = std::remove_const_t<T>;
  pointer.reset();
  if (archive.next_is_absent()) return archive.skip();
  if (const auto* binding = tree::binding_of_next<Object>(archive)) {
    tree::ErasedUnique object;
    binding->unique_ptr(&archive, object, typeid(Object));
    pointer.reset(static_cast<T*>(object.release()));
    return;
  }
  if constexpr (!std::is_abstract_v<T>) pointer.reset(tree::load_new<Object>(archive).release());
}

/// As the shared pointer; after loading it is empty unless a shared_ptr holds the same object.
template <class T>
void save(TreeOutputArchive& archive, const std::weak_ptr<T>& pointer) {
  tree::save_shared(archive, pointer.lock());
}
template <class T>
void load(TreeInputArchive& archive, std::weak_ptr<T>& pointer) {
  std::shared_ptr<T> object;
  load(archive, object);
  pointer = object;
}

}  // namespace cairn::checkpoint
