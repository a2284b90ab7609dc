#include "checkpoint/format/decoder.hpp"

#include <span>
#include <unordered_map>

#include "checkpoint/format/container_pool.hpp"
#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/key.hpp"
#include "checkpoint/format/pickle_reader.hpp"

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
    if (stack_.size() != 1 || !marks_.empty()) corrupt("the pickle does not end in one value");
    Value root = as_value(pop());
    pool_.accept(root, limits_.max_depth);
    return {std::move(root), std::move(rebuilder_).storages()};
  }

  /// Of the item that is being read, as far as the keys on the stack tell.
  [[nodiscard]] std::string where() const {
    std::string path;
    for (std::size_t frame = 0; frame < marks_.size() && path.size() < 400; ++frame) {
      // A frame ends with the container that the next one fills, which is the value of the key
      // before it.
      const bool last = frame + 1 == marks_.size();
      const std::size_t end = last ? stack_.size() : marks_[frame + 1] - 1;
      const Value* owner = marks_[frame] > 0 ? value_in(stack_[marks_[frame] - 1]) : nullptr;
      if (owner == nullptr || end <= marks_[frame]) continue;
      const std::size_t count = end - marks_[frame];
      const Value* key = value_in(stack_[end - 1]);
      if (owner->kind() == Kind::dict && count % 2 == 1 && key != nullptr)
        path += "[" + show_key(*key) + "]";
      if (owner->kind() == Kind::list) path += "[" + std::to_string(count) + "]";
    }
    return path.empty() ? "" : " at root" + path;
  }

 private:
  // ---- scalars
  bool run_data(Op op) {
    switch (op) {
      case Op::none:
        push(Value());
        return true;
      case Op::newtrue:
        push(Value(true));
        return true;
      case Op::newfalse:
        push(Value(false));
        return true;
      case Op::binint:
        push(Value(reader_.int32()));
        return true;
      case Op::binint1:
        push(Value(static_cast<std::int64_t>(reader_.unsigned_integer(1))));
        return true;
      case Op::binint2:
        push(Value(static_cast<std::int64_t>(reader_.unsigned_integer(2))));
        return true;
      case Op::long1:
        push(make_integer(reader_.take(reader_.unsigned_integer(1))));
        return true;
      case Op::long4:
        push(make_integer(reader_.take(reader_.unsigned_integer(4))));
        return true;
      case Op::binfloat:
        push(Value(reader_.real()));
        return true;
      case Op::short_binstring:
        push(Value(reader_.text(reader_.unsigned_integer(1))));
        return true;
      case Op::short_binunicode:
        push(Value(reader_.text(reader_.unsigned_integer(1))));
        return true;
      case Op::binunicode:
        push(Value(reader_.text(reader_.unsigned_integer(4))));
        return true;
      case Op::binunicode8:
        push(Value(reader_.text(reader_.unsigned_integer(8))));
        return true;
      case Op::short_binbytes:
        push(bytes(reader_.unsigned_integer(1)));
        return true;
      case Op::binbytes:
        push(bytes(reader_.unsigned_integer(4)));
        return true;
      case Op::binbytes8:
        push(bytes(reader_.unsigned_integer(8)));
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
        marks_.push_back(stack_.size());
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
        push_tuple(close_mark());
        return true;
      case Op::append:
        append(1);
        return true;
      case Op::appends:
        append(close_mark());
        return true;
      case Op::setitem:
        set_items(2);
        return true;
      case Op::setitems:
        set_items(close_mark());
        return true;
      default:
        return false;
    }
  }

  void push_container(const Value& container) {
    pool_.add(container);
    push(container);
  }

  // The mark goes, the items above it stay.
  std::size_t close_mark() {
    if (marks_.empty()) corrupt("a pickle without the MARK that it refers to");
    const std::size_t count = stack_.size() - marks_.back();
    marks_.pop_back();
    return count;
  }

  void push_tuple(std::size_t count) {
    std::vector<Item> items = pop_items(count);
    bool all_values = true;
    for (const Item& item : items) {
      all_values = all_values && value_in(item) != nullptr;
      if (std::holds_alternative<std::shared_ptr<const Arguments>>(item)) {
        throw Error(ErrorCode::unsupported, "tuples of tuples of types");
      }
    }
    if (!all_values) return push(std::make_shared<const Arguments>(Arguments{std::move(items)}));
    push_container(Tuple(as_values(std::move(items))));
  }

  void append(std::size_t count) {
    std::vector<Value> items = as_values(pop_items(count));
    Value& target = top_value();
    if (target.kind() != Kind::list)
      corrupt("items appended to a " + std::string(to_string(target.kind())));
    for (Value& item : items) target.as_list().push_back(std::move(item));
  }

  void set_items(std::size_t count) {
    if (count % 2 != 0) corrupt("a key without a value");
    std::vector<Value> items = as_values(pop_items(count));
    Value& target = top_value();
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
    count_copy(top());
    memo_.insert_or_assign(number, top());
  }

  void recall(std::uint64_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) corrupt("a reference to a value that does not exist");
    count_copy(found->second);
    push(found->second);
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
        const std::vector<Value> names = as_values(pop_items(2));
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
        const Item item = pop();
        const auto* parts = std::get_if<std::shared_ptr<const Arguments>>(&item);
        if (parts == nullptr) corrupt("a reference to what is no storage");
        push(rebuilder_.storage(**parts));
        return true;
      }
      default:
        return false;
    }
  }

  void push_global(std::string_view module, std::string_view name) {
    const auto global = find_global(module, name);
    if (!global) throw Error(ErrorCode::unsupported, "holds a " + describe_unknown(module, name));
    push(*global);
  }

  void reduce() {
    std::vector<Item> items = pop_items(2);
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
    container ? push_container(result) : push(std::move(result));
  }

  // The attributes of an OrderedDict: a state_dict's _metadata.
  void build() {
    Value state = as_value(pop());
    Value& target = top_value();
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

  // ---- the stack; nothing below the innermost mark can be taken
  void push(Item item) { stack_.push_back(std::move(item)); }

  void need(std::size_t count) const {
    const std::size_t bottom = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - bottom < count) corrupt("a pickle that takes more values than it has made");
  }

  Item& top() {
    need(1);
    return stack_.back();
  }

  Value& top_value() {
    auto* value = std::get_if<Value>(&top());
    if (value == nullptr) corrupt("items for " + std::string(describe(top())));
    return *value;
  }

  Item pop() {
    need(1);
    Item item = std::move(stack_.back());
    stack_.pop_back();
    return item;
  }

  std::vector<Item> pop_items(std::size_t count) {
    need(count);
    const auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<Item> items(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()));
    stack_.erase(begin, stack_.end());
    return items;
  }

  static Value as_value(Item item) {
    if (auto* value = std::get_if<Value>(&item)) return std::move(*value);
    throw Error(ErrorCode::unsupported, "holds " + std::string(describe(item)) + " as a value");
  }

  static std::vector<Value> as_values(std::vector<Item> items) {
    std::vector<Value> values;
    values.reserve(items.size());
    for (Item& item : items) values.push_back(as_value(std::move(item)));
    return values;
  }

  ContainerPool pool_;  // first: goes last
  Limits limits_;
  PickleReader reader_;
  Rebuilder rebuilder_;
  std::vector<Item> stack_;
  std::vector<std::size_t> marks_;  // stack sizes
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
