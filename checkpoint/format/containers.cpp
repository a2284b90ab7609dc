#include "checkpoint/format/containers.hpp"

#include <string>

#include "checkpoint/format/keyed_items.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {
namespace {

const Value& item_at(const std::vector<Value>& items, std::size_t index, std::string_view kind) {
  if (index < items.size()) return items[index];
  throw Error(ErrorCode::key, "no item " + std::to_string(index) + " in a " + std::string(kind) +
                                  " of " + std::to_string(items.size()));
}

struct ItemItself {
  const Value& operator()(const Value& item) const { return item; }
};

}  // namespace

List::List() : items_(std::make_shared<std::vector<Value>>()) {}
List::List(std::initializer_list<Value> items)
    : items_(std::make_shared<std::vector<Value>>(items)) {}
List::List(std::vector<Value> items)
    : items_(std::make_shared<std::vector<Value>>(std::move(items))) {}
std::size_t List::size() const noexcept {
  return items_->size();
}
void List::push_back(Value value) {
  items_->push_back(std::move(value));
}
const Value& List::at(std::size_t index) const {
  return item_at(*items_, index, "list");
}

struct Tuple::State {
  std::vector<Value> items{};
  bool shape{false};
};

Tuple::Tuple(std::shared_ptr<const State> state) : state_(std::move(state)) {}
Tuple::Tuple() : Tuple(std::vector<Value>{}) {}
Tuple::Tuple(std::initializer_list<Value> items) : Tuple(std::vector<Value>(items)) {}
Tuple::Tuple(std::vector<Value> items)
    : Tuple(std::make_shared<const State>(State{.items = std::move(items)})) {}
Tuple Tuple::shape(std::vector<Value> sizes) {
  return Tuple(std::make_shared<const State>(State{.items = std::move(sizes), .shape = true}));
}
bool Tuple::is_shape() const noexcept {
  return state_->shape;
}
std::size_t Tuple::size() const noexcept {
  return state_->items.size();
}
const std::vector<Value>& Tuple::items() const noexcept {
  return state_->items;
}
const Value& Tuple::at(std::size_t index) const {
  return item_at(state_->items, index, "tuple");
}

struct Set::State {
  KeyedItems<Value, ItemItself> items{};
};

Set::Set() : state_(std::make_shared<State>()) {}
Set::Set(std::initializer_list<Value> items) : Set() {
  for (const Value& item : items) insert(item);
}
std::size_t Set::size() const noexcept {
  return state_->items.size();
}
const std::vector<Value>& Set::items() const noexcept {
  return state_->items.items();
}
bool Set::contains(const Value& item) const {
  return state_->items.find(item) != size();
}
bool Set::insert(const Value& item) {
  return state_->items.insert(item, [&item] { return item; }).second;
}
void Set::clear() {
  state_->items.clear();
}

struct Opaque::State {
  Form form{Form::name};
  std::string module{};
  std::string name{};
  Value callee{};
  Tuple arguments{};
  std::shared_ptr<Storage> memory{};
  bool untyped{false};
  std::vector<Value> items{};
  std::vector<Dict::Item> entries{};
  Value state{};
};

Opaque::Opaque(std::shared_ptr<State> state) : state_(std::move(state)) {}

Opaque Opaque::name(std::string module, std::string name) {
  auto state = std::make_shared<State>();
  state->module = std::move(module);
  state->name = std::move(name);
  return Opaque(std::move(state));
}

Opaque Opaque::make(Form form, Value callee, Tuple arguments) {
  auto state = std::make_shared<State>();
  state->form = form;
  state->callee = std::move(callee);
  state->arguments = std::move(arguments);
  return Opaque(std::move(state));
}

Opaque Opaque::storage(std::shared_ptr<Storage> storage, bool untyped) {
  auto state = std::make_shared<State>();
  state->form = Form::storage;
  state->memory = std::move(storage);
  state->untyped = untyped;
  return Opaque(std::move(state));
}

Opaque Opaque::cut() {
  auto state = std::make_shared<State>();
  state->form = Form::cut;
  return Opaque(std::move(state));
}

std::string Opaque::full_name() const {
  switch (form()) {
    case Form::name:
      return state_->module + "." + state_->name;
    case Form::storage:
      return "torch.storage";
    case Form::cut:
      return "an object that it is part of";
    default: {
      // A callee may be made by a call in its turn, as deep as the file nests.
      const State* made = state_.get();
      while (made->form != Form::name && made->callee.kind() == Kind::opaque) {
        made = made->callee.as_opaque().state_.get();
      }
      return made->form == Form::name ? made->module + "." + made->name : "a call";
    }
  }
}

bool Opaque::is_call_of(std::string_view module, std::string_view name) const {
  if (form() != Form::call || callee().kind() != Kind::opaque) return false;
  const Opaque& called = callee().as_opaque();
  return called.form() == Form::name && called.module_name() == module && called.own_name() == name;
}

Opaque::Form Opaque::form() const noexcept {
  return state_->form;
}
const std::string& Opaque::module_name() const noexcept {
  return state_->module;
}
const std::string& Opaque::own_name() const noexcept {
  return state_->name;
}
const Value& Opaque::callee() const noexcept {
  return state_->callee;
}
const Tuple& Opaque::arguments() const noexcept {
  return state_->arguments;
}
const std::shared_ptr<Storage>& Opaque::memory() const noexcept {
  return state_->memory;
}
bool Opaque::is_untyped() const noexcept {
  return state_->untyped;
}
std::vector<Value>& Opaque::items() noexcept {
  return state_->items;
}
const std::vector<Value>& Opaque::items() const noexcept {
  return state_->items;
}
std::vector<Dict::Item>& Opaque::entries() noexcept {
  return state_->entries;
}
const std::vector<Dict::Item>& Opaque::entries() const noexcept {
  return state_->entries;
}
Value& Opaque::state() noexcept {
  return state_->state;
}
const Value& Opaque::state() const noexcept {
  return state_->state;
}

}  // namespace cairn::checkpoint
