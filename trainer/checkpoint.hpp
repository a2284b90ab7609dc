// What the hooks on_save_checkpoint and on_load_checkpoint see: the dict that becomes, or was, the
// file.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "checkpoint/format/value.hpp"
#include "checkpoint/state.hpp"
#include "vfs/export.hpp"

namespace cairn {

/// A handle: copies refer to the same dict. Stores whatever checkpoint::Value takes: numbers, text,
/// vectors, maps, tensors (checkpoint/tensor.hpp), and with checkpoint/cereal.hpp every type that
/// cereal can serialize.
class CAIRN_API Checkpoint {
 public:
  /// checkpoint["key"]: assign to it, or ask it .as<T>().
  class CAIRN_API Slot {
   public:
    template <class T>
      requires(!std::same_as<T, Slot> && std::convertible_to<const T&, checkpoint::Value>)
    Slot& operator=(const T& object) {
      set(checkpoint::Value(object));
      return *this;
    }
    Slot& operator=(const Slot& other);
    Slot(const Slot&) = default;
    /// Throws checkpoint::Error: (key), which names the nearest one, if there is no such key;
    /// (type) if it is of another type.
    template <class T>
      requires checkpoint::FromValue<T>
    [[nodiscard]] T as() const {
      return value().template as<T>();
    }
    [[nodiscard]] const checkpoint::Value& value() const;  ///< throws Error(key)

   private:
    friend class Checkpoint;
    Slot(checkpoint::Dict dict, std::string key) : dict_(std::move(dict)), key_(std::move(key)) {}
    void set(checkpoint::Value value);
    checkpoint::Dict dict_;
    std::string key_;
  };

  Checkpoint() = default;
  explicit Checkpoint(checkpoint::Dict root) : root_(std::move(root)) {}

  [[nodiscard]] Slot operator[](std::string_view key) { return {root_, std::string(key)}; }
  [[nodiscard]] const checkpoint::Value& at(std::string_view key) const;  ///< throws Error(key)
  [[nodiscard]] bool contains(std::string_view key) const;
  bool erase(std::string_view key);

  /// The weights in it: a copy, to be edited and set again in on_load_checkpoint.
  [[nodiscard]] checkpoint::StateDict state_dict() const;
  void set_state_dict(const checkpoint::StateDict& state);

  [[nodiscard]] checkpoint::Dict& root() noexcept { return root_; }
  [[nodiscard]] const checkpoint::Dict& root() const noexcept { return root_; }

 private:
  checkpoint::Dict root_;
};

}  // namespace cairn
