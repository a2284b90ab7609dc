#include "checkpoint/format/decoder.hpp"

#include <unordered_map>

#include "checkpoint/format/container_pool.hpp"
#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/pickle_reader.hpp"
#include "checkpoint/format/stack.hpp"

namespace cairn::checkpoint::format {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, what);
}

Value make_integer(std::string_view bytes) {
  if (const auto small = decode_integer(bytes)) return Value(*small);
  return Value(BigInt{std::string(minimal_integer(bytes))});
}

std::size_t text_size(const Item& item) {
  const Value* value = value_in(item);
  if (value == nullptr) return 0;
  if (value->kind() == Kind::string) return value->as_string().size();
  if (value->kind() == Kind::bytes) return value->as_bytes().data.size();
  if (value->kind() == Kind::big_integer) return value->as_big_int().data.size();
  return 0;
}

class Machine {
 public:
  Machine(std::string_view pickle, StorageSize storage_size, const Limits& limits)
      : limits_(limits), reader_(pickle), rebuilder_(std::move(storage_size)) {}

  Decoded run() {
    std::uint64_t operations = 0;
    for (Op op = reader_.op(); op != Op::stop; op = reader_.op()) {
      if (++operations > limits_.max_operations)
        throw Error(ErrorCode::limit, "a pickle of too many operations");
      if (!run_data(op) && !run_container(op) && !run_memory(op) && !run_call(op)) refuse(op);
    }
    if (!reader_.at_end()) corrupt("bytes after the end of the pickle");
    if (!stack_.is_single()) corrupt("the pickle does not end in one value");
    Value root = as_value(stack_.pop());
    pool_.accept(root, limits_.max_depth);
    return {std::move(root), std::move(rebuilder_).storages()};
  }

  [[nodiscard]] std::string where() const {
    const std::string path = stack_.where();
    return path.empty() ? "" : " at root" + path;
  }

 private:
  // ---- scalars
  bool run_data(Op op) {
    switch (op) {
      case Op::none:
        stack_.push(Value());
        return true;
      case Op::newtrue:
        stack_.push(Value(true));
        return true;
      case Op::newfalse:
        stack_.push(Value(false));
        return true;
      case Op::binint:
        stack_.push(Value(reader_.int32()));
        return true;
      case Op::binint1:
        stack_.push(Value(static_cast<std::int64_t>(reader_.unsigned_integer(1))));
        return true;
      case Op::binint2:
        stack_.push(Value(static_cast<std::int64_t>(reader_.unsigned_integer(2))));
        return true;
      case Op::long1:
        stack_.push(make_integer(reader_.take(reader_.unsigned_integer(1))));
        return true;
      case Op::long4:
        stack_.push(make_integer(reader_.take(reader_.unsigned_integer(4))));
        return true;
      case Op::binfloat:
        stack_.push(Value(reader_.real()));
        return true;
      case Op::short_binstring:
        stack_.push(Value(reader_.text(reader_.unsigned_integer(1))));
        return true;
      case Op::short_binunicode:
        stack_.push(Value(reader_.text(reader_.unsigned_integer(1))));
        return true;
      case Op::binunicode:
        stack_.push(Value(reader_.text(reader_.unsigned_integer(4))));
        return true;
      case Op::binunicode8:
        stack_.push(Value(reader_.text(reader_.unsigned_integer(8))));
        return true;
      case Op::short_binbytes:
        stack_.push(bytes(reader_.unsigned_integer(1)));
        return true;
      case Op::binbytes:
        stack_.push(bytes(reader_.unsigned_integer(4)));
        return true;
      case Op::binbytes8:
        stack_.push(bytes(reader_.unsigned_integer(8)));
        return true;
      default:
        return false;
    }
  }

  Value bytes(std::uint64_t size) { return Value(Bytes{std::string(reader_.take(size))}); }

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
      default:
        return false;
    }
  }

  void push_container(const Value& container) {
    pool_.add(container);
    stack_.push(container);
  }

  void push_tuple(std::size_t count) {
    std::vector<Item> items = stack_.pop(count);
    bool all_values = true;
    for (const Item& item : items) {
      all_values = all_values && value_in(item) != nullptr;
      if (std::holds_alternative<std::shared_ptr<const Arguments>>(item)) {
        throw Error(ErrorCode::unsupported, "tuples of tuples of types");
      }
    }
    if (!all_values)
      return stack_.push(std::make_shared<const Arguments>(Arguments{std::move(items)}));
    push_container(Tuple(as_values(std::move(items))));
  }

  void append(std::size_t count) {
    std::vector<Value> items = as_values(stack_.pop(count));
    Value& target = stack_.top_value();
    if (target.kind() != Kind::list)
      corrupt("items appended to a " + std::string(to_string(target.kind())));
    for (Value& item : items) target.as_list().push_back(std::move(item));
  }

  void set_items(std::size_t count) {
    if (count % 2 != 0) corrupt("a key without a value");
    std::vector<Value> items = as_values(stack_.pop(count));
    Value& target = stack_.top_value();
    if (target.kind() != Kind::dict)
      corrupt("keys set in a " + std::string(to_string(target.kind())));
    for (std::size_t i = 0; i < count; i += 2) target.as_dict()[items[i]] = std::move(items[i + 1]);
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
      case Op::frame:
        if (reader_.unsigned_integer(8) > limits_.max_pickle)
          corrupt("a frame longer than the pickle");
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

  void remember(std::uint64_t number) {
    count_copy(stack_.top());
    memo_.insert_or_assign(number, stack_.top());
  }

  void recall(std::uint64_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) corrupt("a reference to a value that does not exist");
    count_copy(found->second);
    stack_.push(found->second);
  }

  // A text is copied where the pickle only refers to it: two bytes must not become megabytes again
  // and again.
  void count_copy(const Item& item) {
    copied_ += text_size(item);
    if (copied_ > limits_.max_pickle)
      throw Error(ErrorCode::limit, "long texts that are repeated too often");
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
        const std::vector<Value> names = as_values(stack_.pop(2));
        push_global(names[0].as_string(), names[1].as_string());
        return true;
      }
      case Op::reduce:
      case Op::newobj:
        reduce();
        return true;
      case Op::build:
        build();
        return true;
      case Op::binpersid: {
        const Item item = stack_.pop();
        const auto* parts = std::get_if<std::shared_ptr<const Arguments>>(&item);
        if (parts == nullptr) corrupt("a reference to what is no storage");
        stack_.push(rebuilder_.storage(**parts));
        return true;
      }
      default:
        return false;
    }
  }

  void push_global(std::string_view module, std::string_view name) {
    const auto global = find_global(module, name);
    if (!global) throw Error(ErrorCode::unsupported, "holds a " + describe_unknown(module, name));
    stack_.push(*global);
  }

  void reduce() {
    std::vector<Item> items = stack_.pop(2);
    const Global* callee = global_in(items[0]);
    if (callee == nullptr) corrupt("a call of " + std::string(describe(items[0])));
    Value result;
    if (const auto* arguments = std::get_if<std::shared_ptr<const Arguments>>(&items[1])) {
      result = rebuilder_.call(*callee, (*arguments)->items);
    } else {
      const Value* values = value_in(items[1]);
      if (values == nullptr || values->kind() != Kind::tuple) corrupt("a call without arguments");
      const auto& given = values->as_tuple().items();
      result = rebuilder_.call(*callee, {given.begin(), given.end()});
    }
    const bool container = result.kind() == Kind::dict || result.kind() == Kind::tuple;
    container ? push_container(result) : stack_.push(std::move(result));
  }

  // The attributes of an OrderedDict: a state_dict's _metadata.
  void build() {
    Value state = as_value(stack_.pop());
    Value& target = stack_.top_value();
    if (target.kind() != Kind::dict || !target.as_dict().is_ordered() ||
        state.kind() != Kind::dict) {
      throw Error(ErrorCode::unsupported,
                  "attributes of a " + std::string(to_string(target.kind())));
    }
    target.as_dict().set_attributes(std::move(state));
  }

  [[noreturn]] static void refuse(Op op) {
    if (op == Op::empty_set || op == Op::frozenset)
      throw Error(ErrorCode::unsupported, "a set (save a list)");
    if (op == Op::bytearray8) throw Error(ErrorCode::unsupported, "a bytearray (save bytes)");
    throw Error(ErrorCode::unsupported,
                "pickle operation " + std::to_string(static_cast<unsigned>(op)));
  }

  ContainerPool pool_;  // first: goes last
  Limits limits_;
  PickleReader reader_;
  Rebuilder rebuilder_;
  Stack stack_;
  std::unordered_map<std::uint64_t, Item> memo_;
  std::uint64_t copied_{0};
};

}  // namespace

Decoded decode(std::string_view pickle, StorageSize storage_size, const Limits& limits) {
  if (pickle.size() > limits.max_pickle)
    throw Error(ErrorCode::limit, "a pickle of " + std::to_string(pickle.size()) + " bytes");
  Machine machine(pickle, std::move(storage_size), limits);
  try {
    return machine.run();
  } catch (const Error& error) {
    throw Error(error.code(), error.what() + machine.where());
  }
}

}  // namespace cairn::checkpoint::format
