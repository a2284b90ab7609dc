// What holds other values: handles, like at::Tensor and as in Python. A copy refers to the same list; Value::clone() copies deeply.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

class Value;

class CAIRN_API List {
 public:
  List();
  List(std::initializer_list<Value> items);
  explicit List(std::vector<Value> items);
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::vector<Value>& items() noexcept { return *items_; }
  [[nodiscard]] const std::vector<Value>& items() const noexcept { return *items_; }
  void push_back(Value value);
  [[nodiscard]] const Value& at(std::size_t index) const;  ///< throws Error(key)
  [[nodiscard]] const void* identity() const noexcept { return items_.get(); }

 private:
  std::shared_ptr<std::vector<Value>> items_;
};

class CAIRN_API Tuple {
 public:
  Tuple();
  Tuple(std::initializer_list<Value> items);
  explicit Tuple(std::vector<Value> items);
  /// torch.Size, a tuple of ints with a name of its own.
  [[nodiscard]] static Tuple shape(std::vector<Value> sizes);

  [[nodiscard]] bool is_shape() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const std::vector<Value>& items() const noexcept;
  [[nodiscard]] const Value& at(std::size_t index) const;  ///< throws Error(key)
  [[nodiscard]] const void* identity() const noexcept { return state_.get(); }

 private:
  struct State;
  explicit Tuple(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

/// Keeps the order of insertion. Keys are what Python can hash: None, bool, int, float, complex, str, bytes, dtypes, devices, tuples of
/// these, and by identity tensors and opaque objects. As in Python 1, 1.0 and True are one.
class CAIRN_API Dict {
 public:
  using Item = std::pair<Value, Value>;
  enum class Type {
    plain,
    ordered,  ///< collections.OrderedDict; a module's state_dict is one
    counter,  ///< collections.Counter
  };
  Dict();
  Dict(std::initializer_list<Item> items);
  explicit Dict(Type type);
  [[nodiscard]] static Dict ordered();

  [[nodiscard]] Type type() const noexcept;
  [[nodiscard]] bool is_ordered() const noexcept { return type() == Type::ordered; }
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const std::vector<Item>& items() const noexcept;
  [[nodiscard]] bool contains(const Value& key) const;
  [[nodiscard]] const Value* find(const Value& key) const;  ///< nullptr if absent
  [[nodiscard]] Value* find(const Value& key);
  /// Inserts None for a new key. Throws Error(type) for a key that can't be one.
  Value& operator[](const Value& key);
  /// Throws Error(key) that names the key and the nearest one.
  [[nodiscard]] const Value& at(const Value& key) const;
  bool erase(const Value& key);
  void clear();
  /// Attributes of an OrderedDict, "_metadata" of a state_dict; empty if it has none.
  [[nodiscard]] const Value& attributes() const;
  void set_attributes(Value attributes);
  [[nodiscard]] const void* identity() const noexcept { return state_.get(); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Keeps the order of insertion, which Python does not: a set has no order there.
class CAIRN_API Set {
 public:
  Set();
  Set(std::initializer_list<Value> items);
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const std::vector<Value>& items() const noexcept;
  [[nodiscard]] bool contains(const Value& item) const;
  /// False if it was there. Throws Error(type) for what can't be a key of a dict.
  bool insert(const Value& item);
  void clear();
  [[nodiscard]] const void* identity() const noexcept { return state_.get(); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// What a pickle names and we do not know: a class or function, or an object that a call of one would make. Nothing is looked up or
/// called; it is kept as data, so that the rest of the file can be read and all of it written again.
class CAIRN_API Opaque {
 public:
  enum class Form {
    name,          ///< module.name itself
    call,          ///< callee(*arguments)
    object,        ///< callee.__new__(callee, *arguments)
    keyword_object,  ///< the same with keywords: arguments are a tuple and a dict (read only)
    storage,       ///< the memory of a tensor, without the tensor
    cut,           ///< stands where an object referred to one that it is part of (read only)
  };
  [[nodiscard]] static Opaque name(std::string module, std::string name);
  [[nodiscard]] static Opaque make(Form form, Value callee, Tuple arguments);
  [[nodiscard]] static Opaque storage(std::shared_ptr<Storage> storage, bool untyped);
  [[nodiscard]] static Opaque cut();

  [[nodiscard]] Form form() const noexcept;
  /// "numpy.ndarray": its own name, or of what makes it.
  [[nodiscard]] std::string full_name() const;
  [[nodiscard]] bool is_call_of(std::string_view module, std::string_view name) const;

  [[nodiscard]] const std::string& module_name() const noexcept;  ///< form name
  [[nodiscard]] const std::string& own_name() const noexcept;     ///< form name
  [[nodiscard]] const Value& callee() const noexcept;             ///< forms call and object
  [[nodiscard]] const Tuple& arguments() const noexcept;
  [[nodiscard]] const std::shared_ptr<Storage>& memory() const noexcept;  ///< form storage
  [[nodiscard]] bool is_untyped() const noexcept;                         ///< form storage: its elements have no type
  /// What is appended to it, set in it, and handed to its __setstate__ (None: nothing is).
  [[nodiscard]] std::vector<Value>& items() noexcept;
  [[nodiscard]] const std::vector<Value>& items() const noexcept;
  [[nodiscard]] std::vector<Dict::Item>& entries() noexcept;
  [[nodiscard]] const std::vector<Dict::Item>& entries() const noexcept;
  [[nodiscard]] Value& state() noexcept;
  [[nodiscard]] const Value& state() const noexcept;
  [[nodiscard]] const void* identity() const noexcept { return state_.get(); }

 private:
  struct State;
  explicit Opaque(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cairn::checkpoint
