#include "checkpoint/format/decoder.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>

#include "checkpoint/format/arguments.hpp"
#include "checkpoint/format/container_pool.hpp"
#include "checkpoint/format/key.hpp"
#include "checkpoint/format/pickle_reader.hpp"
#include "checkpoint/format/scalar_operations.hpp"
#include "checkpoint/format/stack.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {
namespace {

// A file can name a long key with two bytes, again and again.
constexpr std::uint64_t kLeastKeyBudget = std::uint64_t{64} << 20U;
constexpr std::uint64_t kKeyBudgetFactor = 64;

class Machine {
 public:
  Machine(std::string_view pickle, StorageSize storage_size, const Limits& limits, Unknown unknown)
      : limits_(limits),
        unknown_(unknown),
        key_budget_(std::max(kLeastKeyBudget, kKeyBudgetFactor * pickle.size())),
        reader_(pickle),
        rebuilder_(std::move(storage_size), names_, pickle.size()) {}

  Decoded run() {
    for (Op op = reader_.op(); op != Op::stop; op = reader_.op()) {
      if (++operations_ > limits_.max_operations)
        throw Error(ErrorCode::limit, "a pickle of too many operations");
      if (std::optional<Value> scalar = read_scalar(op, reader_)) {
        stack_.push(*std::move(scalar));
        continue;
      }
      if (!run_container(op) && !run_memory(op) && !run_call(op)) refuse(op);
    }
    if (!reader_.at_end()) corrupt("bytes after the end of the pickle");
    if (!stack_.is_single()) corrupt("the pickle does not end in one value");
    Value root = stack_.pop();
    pool_.accept(root, limits_.max_depth);
    return {std::move(root), std::move(rebuilder_).storages()};
  }

  [[nodiscard]] std::string where() const {
    const std::string path = stack_.where();
    return path.empty() ? "" : " at root" + path;
  }

 private:
  // ---- containers
  bool run_container(Op op) {
    switch (op) {
      case Op::mark:
        stack_.mark();
        return true;
      case Op::empty_list:
        push_container(List());
        return true;
      case Op::empty_dict:
        push_container(Dict());
        return true;
      case Op::empty_tuple:
        push_tuple(0);
        return true;
      case Op::tuple1:
        push_tuple(1);
        return true;
      case Op::tuple2:
        push_tuple(2);
        return true;
      case Op::tuple3:
        push_tuple(3);
        return true;
      case Op::tuple:
        push_tuple(stack_.close_mark());
        return true;
      case Op::append:
        append(1);
        return true;
      case Op::appends:
        append(stack_.close_mark());
        return true;
      case Op::setitem:
        set_items(2);
        return true;
      case Op::setitems:
        set_items(stack_.close_mark());
        return true;
      case Op::empty_set:
        push_container(Set());
        return true;
      case Op::additems:
        add_items(stack_.close_mark());
        return true;
      case Op::frozenset:
        push_frozenset(stack_.close_mark());
        return true;
      default:
        return false;
    }
  }

  void push_container(const Value& container) {
    pool_.add(container);
    stack_.push(container);
  }

  void push_tuple(std::size_t count) { push_container(Tuple(stack_.pop(count))); }

  void append(std::size_t count) {
    std::vector<Value> items = stack_.pop(count);
    Value& target = stack_.top();
    if (target.kind() != Kind::list && !is_object(target))
      corrupt("items appended to a " + std::string(to_string(target.kind())));
    auto& into =
        target.kind() == Kind::list ? target.as_list().items() : target.as_opaque().items();
    std::move(items.begin(), items.end(), std::back_inserter(into));
  }

  void set_items(std::size_t count) {
    if (count % 2 != 0) corrupt("a key without a value");
    std::vector<Value> items = stack_.pop(count);
    Value& target = stack_.top();
    if (target.kind() != Kind::dict && !is_object(target))
      corrupt("keys set in a " + std::string(to_string(target.kind())));
    for (std::size_t i = 0; i < count; i += 2) {
      if (target.kind() == Kind::dict) {
        target.as_dict()[affordable(items[i])] = std::move(items[i + 1]);
      } else {
        target.as_opaque().entries().emplace_back(std::move(items[i]), std::move(items[i + 1]));
      }
    }
  }

  void add_items(std::size_t count) {
    const std::vector<Value> items = stack_.pop(count);
    Value& target = stack_.top();
    if (target.kind() != Kind::set)
      corrupt("items added to a " + std::string(to_string(target.kind())));
    for (const Value& item : items) target.as_set().insert(affordable(item));
  }

  void push_frozenset(std::size_t count) {
    const Value items = List(stack_.pop(count));
    pool_.add(items);
    push_object(Opaque::make(Opaque::Form::call, named("__builtin__", "frozenset"), Tuple{items}));
  }

  // What a call of an unknown name has made.
  static bool is_object(const Value& value) {
    if (value.kind() != Kind::opaque) return false;
    const Opaque::Form form = value.as_opaque().form();
    return form == Opaque::Form::call || form == Opaque::Form::object ||
           form == Opaque::Form::keyword_object;
  }

  const Value& affordable(const Value& key) {
    const std::uint64_t cost = key_cost(key);
    if (cost > key_budget_) throw Error(ErrorCode::limit, "long keys that are repeated too often");
    key_budget_ -= cost;
    return key;
  }

  // ---- the memo, and what only frames
  bool run_memory(Op op) {
    switch (op) {
      case Op::binput:
        remember(reader_.unsigned_integer(1));
        return true;
      case Op::long_binput:
        remember(reader_.unsigned_integer(4));
        return true;
      case Op::memoize:
        remember(memo_.size());
        return true;
      case Op::binget:
        recall(reader_.unsigned_integer(1));
        return true;
      case Op::long_binget:
        recall(reader_.unsigned_integer(4));
        return true;
      case Op::pop:
        static_cast<void>(stack_.pop());
        return true;
      case Op::frame:
        if (reader_.unsigned_integer(8) > reader_.left()) corrupt("a frame longer than the pickle");
        return true;
      case Op::proto: {
        if (reader_.position() != 1) corrupt("a PROTO in the middle of the pickle");
        const std::uint64_t version = reader_.unsigned_integer(1);
        if (version > 5)
          throw Error(ErrorCode::unsupported, "pickle protocol " + std::to_string(version));
        return true;
      }
      default:
        return false;
    }
  }

  // Picklers count from 0: a number beyond the operations is none of theirs, and numbers that are
  // far apart could be chosen to fall into one place of the table.
  void remember(std::uint64_t number) {
    if (number > operations_) corrupt("a memo number beyond what the pickle has made");
    memo_.insert_or_assign(number, stack_.top());
  }

  void recall(std::uint64_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) corrupt("a reference to a value that does not exist");
    stack_.push(found->second);
  }

  // ---- names and calls
  bool run_call(Op op) {
    switch (op) {
      case Op::global: {
        const std::string_view module = reader_.line();
        push_global(module, reader_.line());
        return true;
      }
      case Op::stack_global: {
        const std::vector<Value> names = stack_.pop(2);
        push_global(names[0].as_string(), names[1].as_string());
        return true;
      }
      case Op::reduce:
        reduce(Opaque::Form::call);
        return true;
      case Op::newobj:
        reduce(Opaque::Form::object);
        return true;
      case Op::newobj_ex:
        make_with_keywords();
        return true;
      case Op::bytearray8:
        push_bytearray(reader_.unsigned_integer(8));
        return true;
      case Op::build:
        build();
        return true;
      case Op::binpersid:
        stack_.push(rebuilder_.storage(stack_.pop()));
        return true;
      default:
        return false;
    }
  }

  // The same object for the same name, as in Python.
  Value named(std::string_view module, std::string_view name) {
    auto key = std::pair(std::string(module), std::string(name));
    if (const auto known = by_name_.find(key); known != by_name_.end()) return known->second;
    Value object = Opaque::name(key.first, key.second);
    by_name_.emplace(std::move(key), object);
    return object;
  }

  void push_global(std::string_view module, std::string_view name) {
    const auto global = find_global(module, name);
    if (global && global->what == Known::dtype) return stack_.push(Value(global->dtype));
    if (!global && unknown_ == Unknown::refuse && !is_weights_only(module, name))
      throw Error(ErrorCode::unsupported, "holds a " + describe_unknown(module, name));
    const Value object = named(module, name);
    if (global) names_.emplace(object.identity(), *global);
    stack_.push(object);
  }

  void push_object(const Opaque& object) { push_container(Value(object)); }

  void reduce(Opaque::Form form) {
    const Value arguments = stack_.pop();
    const Value callee = stack_.pop();
    if (arguments.kind() != Kind::tuple) corrupt("a call without arguments");
    if (callee.kind() != Kind::opaque)
      corrupt("a call of a " + std::string(to_string(callee.kind())));
    const auto known = names_.find(callee.identity());
    if (known == names_.end()) return push_object(Opaque::make(form, callee, arguments.as_tuple()));
    if (known->second.what == Known::rebuild_typed ||
        known->second.what == Known::rebuild_parameter_with_state)
      return push_object(Opaque::make(Opaque::Form::call, callee,
                                      rebuilder_.wrapping(known->second, arguments.as_tuple())));
    const Value result = rebuilder_.call(known->second, arguments.as_tuple());
    const bool container =
        result.kind() == Kind::dict || result.kind() == Kind::tuple || result.kind() == Kind::set;
    container ? push_container(result) : stack_.push(result);
  }

  void make_with_keywords() {
    const Value keywords = stack_.pop();
    const Value arguments = stack_.pop();
    const Value type = stack_.pop();
    if (keywords.kind() != Kind::dict || arguments.kind() != Kind::tuple ||
        type.kind() != Kind::opaque)
      corrupt("an object is made of what are no arguments");
    push_object(Opaque::make(Opaque::Form::keyword_object, type, Tuple{arguments, keywords}));
  }

  // As protocol 2 has it: bytearray(text, 'latin-1').
  void push_bytearray(std::uint64_t size) {
    const Value text = Value::identified(latin1_to_utf8(reader_.take(size)));
    if (unknown_ == Unknown::refuse) throw Error(ErrorCode::unsupported, "holds a bytearray");
    push_object(Opaque::make(Opaque::Form::call, named("__builtin__", "bytearray"),
                             Tuple{text, Value("latin-1")}));
  }

  // The attributes of an OrderedDict, a state_dict's _metadata; or the state of an unknown object.
  void build() {
    Value state = stack_.pop();
    Value& target = stack_.top();
    if (is_object(target)) {
      if (!target.as_opaque().state().is_none())
        throw Error(ErrorCode::unsupported, "an object whose state is set twice");
      target.as_opaque().state() = std::move(state);
      return;
    }
    if (target.kind() != Kind::dict || !target.as_dict().is_ordered() ||
        state.kind() != Kind::dict) {
      throw Error(ErrorCode::unsupported,
                  "attributes of a " + std::string(to_string(target.kind())));
    }
    target.as_dict().set_attributes(std::move(state));
  }

  [[noreturn]] static void refuse(Op op) {
    throw Error(ErrorCode::unsupported, "pickle operation " +
                                            std::to_string(static_cast<unsigned>(op)) +
                                            ", which checkpoints (protocols 2 to 5) do not have");
  }

  ContainerPool pool_;  // first: goes last
  Limits limits_;
  Unknown unknown_;
  std::uint64_t key_budget_;
  KnownNames names_;
  std::map<std::pair<std::string, std::string>, Value> by_name_;
  PickleReader reader_;
  Rebuilder rebuilder_;
  Stack stack_;
  std::unordered_map<std::uint64_t, Value> memo_;
  std::uint64_t operations_{0};
};

}  // namespace

Decoded decode(std::string_view pickle, StorageSize storage_size, const Limits& limits,
               Unknown unknown) {
  if (pickle.size() > limits.max_pickle)
    throw Error(ErrorCode::limit, "a pickle of " + std::to_string(pickle.size()) + " bytes");
  Machine machine(pickle, std::move(storage_size), limits, unknown);
  try {
    return machine.run();
  } catch (const Error& error) {
    throw Error(error.code(), error.what() + machine.where());
  }
}

}  // namespace cairn::checkpoint::format
