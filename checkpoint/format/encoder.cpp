#include "checkpoint/format/encoder.hpp"

#include <unordered_set>

#include "checkpoint/format/globals.hpp"
#include "checkpoint/format/key.hpp"
#include "checkpoint/format/pickle_memo.hpp"
#include "checkpoint/format/tensor_encoder.hpp"
#include "checkpoint/format/text.hpp"
#include "checkpoint/format/wrapped_tensor.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::size_t kBatch = 1000;  // items per SETITEMS and APPENDS, as in CPython
constexpr std::size_t kMaxDepth = 1000;

// Protocol 2 has no opcodes for bytes, sets and complex numbers: they are calls, of names that
// every reader knows.
class Encoder {
 public:
  explicit Encoder(bool allow_opaque) : allow_opaque_(allow_opaque) {}

  Pickle encode(const Value& root) {
    try {
      save(root);
    } catch (const Error& error) {
      throw Error(error.code(), "can't save root" + where() + ": " + error.what());
    }
    return {std::move(writer_).finish(), std::move(tensors_).storages()};
  }

 private:
  struct Step {
    const Value* key{nullptr};  // of a dict
    std::size_t index{0};       // of a list or tuple
  };

  void save(const Value& value) {
    switch (value.kind()) {
      case Kind::none:
        return writer_.op(Op::none);
      case Kind::boolean:
        return writer_.boolean(value.as_bool());
      case Kind::integer:
        return writer_.integer(value.as_int());
      case Kind::big_integer:
        return writer_.big_integer(value.as_big_int().data);
      case Kind::real:
        return writer_.real(value.as_double());
      case Kind::string:
        return memo_.text(value);
      case Kind::bytes:
        return bytes(value);
      case Kind::dtype:
        return memo_.global("torch", name(value.as_dtype()));
      default:
        return object(value);
    }
  }

  // What is remembered by identity. Empty tuples are not.
  void object(const Value& value) {
    const void* identity = value.identity();
    if (open_.contains(identity)) throw Error(ErrorCode::type, "a container holds itself");
    if (memo_.get(identity)) return;
    switch (value.kind()) {
      case Kind::complex:
        complex(value.as_complex());
        return memo_.put(identity);
      case Kind::device:
        device(value.as_device());
        return memo_.put(identity);
      case Kind::tensor:
        tensors_.tensor(value.as_tensor());
        return memo_.put(identity);
      default:
        break;
    }
    if (open_.size() == kMaxDepth) throw Error(ErrorCode::limit, "nested deeper than 1000");
    open_.insert(identity);
    container(value);
    open_.erase(identity);
  }

  void container(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
        return list(value.as_list());
      case Kind::tuple:
        return tuple(value.as_tuple());
      case Kind::dict:
        return dict(value.as_dict());
      case Kind::set:
        return set(value.as_set());
      default:
        return opaque(value.as_opaque());
    }
  }

  void step_into(Step step, const Value& value) {
    path_.push_back(step);
    save(value);
    path_.pop_back();
  }

  // Ends a call whose `count` arguments are on the stack.
  void call(std::size_t count) {
    writer_.tuple(count);
    memo_.put();
    writer_.op(Op::reduce);
  }

  void bytes(const Value& value) {
    const std::string& data = value.as_bytes().data;
    const void* identity = value.identity();
    if (identity == nullptr ? memo_.get_bytes(data) : memo_.get(identity)) return;
    memo_.global("_codecs", "encode");
    value.origin() != nullptr ? memo_.text(*value.origin())
                              : memo_.fresh_text(latin1_to_utf8(data));
    memo_.text(std::string_view("latin1"));
    call(2);
    identity == nullptr ? memo_.put_bytes(data) : memo_.put(identity);
  }

  void complex(std::complex<double> value) {
    memo_.global("__builtin__", "complex");
    writer_.real(value.real());
    writer_.real(value.imag());
    call(2);
  }

  void device(const Device& device) {
    memo_.global("torch", "device");
    memo_.fresh_text(device.type);
    if (device.index) writer_.integer(*device.index);
    call(device.index ? 2 : 1);
  }

  void list(const List& list) {
    writer_.op(Op::empty_list);
    memo_.put(list.identity());
    list_items(list.items(), false);
  }

  // CPython batches lists and what only behaves like one differently: a last batch of one has no
  // MARK in the latter.
  void list_items(const std::vector<Value>& items, bool generic) {
    for (std::size_t begin = 0; begin < items.size(); begin += kBatch) {
      const std::size_t end = std::min(items.size(), begin + kBatch);
      const bool single = end - begin == 1 && (generic || items.size() == 1);
      if (!single) writer_.op(Op::mark);
      for (std::size_t i = begin; i < end; ++i) step_into({.index = i}, items[i]);
      writer_.op(single ? Op::append : Op::appends);
    }
  }

  void tuple(const Tuple& tuple) {
    if (tuple.is_shape()) memo_.global("torch", "Size");
    const std::vector<Value>& items = tuple.items();
    if (items.size() > 3) writer_.op(Op::mark);
    for (std::size_t i = 0; i < items.size(); ++i) step_into({.index = i}, items[i]);
    writer_.tuple(items.size());
    if (!tuple.is_shape()) {
      if (!items.empty()) memo_.put(tuple.identity());
      return;
    }
    if (!items.empty()) memo_.put();
    call(1);
    memo_.put(tuple.identity());
  }

  void dict(const Dict& dict) {
    if (!dict.attributes().is_none() && !dict.is_ordered())
      throw Error(ErrorCode::type, "attributes on a dict that is not an OrderedDict");
    if (dict.type() == Dict::Type::counter) return counter(dict);
    if (dict.is_ordered()) {
      tensors_.new_ordered_dict();
    } else {
      writer_.op(Op::empty_dict);
    }
    memo_.put(dict.identity());
    dict_items(dict.items(), dict.is_ordered());
    if (dict.attributes().is_none()) return;
    save(dict.attributes());
    writer_.op(Op::build);
  }

  // Counter({…})
  void counter(const Dict& dict) {
    memo_.global("collections", "Counter");
    writer_.op(Op::empty_dict);
    memo_.put();
    dict_items(dict.items(), false);
    call(1);
    memo_.put(dict.identity());
  }

  // CPython batches the two kinds differently (batch_dict_exact and batch_dict): a plain dict whose
  // size is a multiple of 1000 ends with an empty batch; another writes a last batch of one without
  // MARK.
  void dict_items(const std::vector<Dict::Item>& items, bool generic) {
    for (std::size_t begin = 0; begin < items.size(); begin += kBatch) {
      const std::size_t end = std::min(items.size(), begin + kBatch);
      const bool single = end - begin == 1 && (generic || items.size() == 1);
      if (!single) writer_.op(Op::mark);
      for (std::size_t i = begin; i < end; ++i) {
        save(items[i].first);
        step_into({.key = &items[i].first}, items[i].second);
      }
      writer_.op(single ? Op::setitem : Op::setitems);
    }
    if (!generic && !items.empty() && items.size() % kBatch == 0) {
      writer_.op(Op::mark);
      writer_.op(Op::setitems);
    }
  }

  // set([…])
  void set(const Set& set) {
    memo_.global("__builtin__", "set");
    writer_.op(Op::empty_list);
    memo_.put();
    list_items(set.items(), false);
    call(1);
    memo_.put(set.identity());
  }

  void opaque(const Opaque& object) {
    switch (object.form()) {
      case Opaque::Form::name:
        check_allowed(object);
        return memo_.global(object.module_name(), object.own_name());
      case Opaque::Form::storage:
        tensors_.storage(object.memory(), object.memory()->dtype, object.is_untyped());
        return;
      case Opaque::Form::keyword_object:
        throw Error(
            ErrorCode::unsupported,
            object.full_name() + ", which is made with keywords: protocol 2 can't say that");
      case Opaque::Form::cut:
        throw Error(ErrorCode::unsupported,
                    "a reference to an object that it is part of, which was not read");
      default:
        break;
    }
    save(object.callee());
    arguments(object);
    writer_.op(object.form() == Opaque::Form::call ? Op::reduce : Op::newobj);
    memo_.put(object.identity());
    list_items(object.items(), true);
    dict_items(object.entries(), true);
    if (object.state().is_none()) return;
    save(object.state());
    writer_.op(Op::build);
  }

  // What describes a tensor with attributes is written from the tensor that stands in its place.
  void arguments(const Opaque& object) {
    const Wrapper wrapper = wrapper_of(object);
    if (wrapper == Wrapper::none) return step_into({.index = 0}, Value(object.arguments()));
    const std::vector<Value>& items = object.arguments().items();
    const StoredTensor& tensor = wrapped_tensor(object, wrapper);
    writer_.op(Op::mark);
    if (wrapper == Wrapper::typed) {
      tensors_.function(tensor);
      save(items[1]);
      tensors_.arguments(tensor);
    } else {
      tensors_.parameter_data(tensor);
      save(items[1]);
      save(items[2]);
    }
    step_into({.index = kWrapperArguments - 1}, items.back());
    writer_.tuple(items.size());
    memo_.put();
  }

  void check_allowed(const Opaque& name) const {
    if (allow_opaque_ || is_weights_only(name.module_name(), name.own_name())) return;
    throw Error(ErrorCode::unsupported,
                describe_unknown(name.module_name(), name.own_name()) +
                    ", which torch.load(weights_only=True) refuses: save with allow_opaque to keep "
                    "it");
  }

  [[nodiscard]] std::string where() const {
    std::string text;
    for (const Step& step : path_) {
      text += "[" + (step.key != nullptr ? show_key(*step.key) : std::to_string(step.index)) + "]";
    }
    return text.size() <= 400 ? text : text.substr(0, 400) + "…";
  }

  bool allow_opaque_;
  PickleWriter writer_;
  PickleMemo memo_{writer_};
  TensorEncoder tensors_{writer_, memo_};
  std::unordered_set<const void*> open_;
  std::vector<Step> path_;
};

}  // namespace

Pickle encode(const Value& root, bool allow_opaque) {
  return Encoder(allow_opaque).encode(root);
}

}  // namespace cairn::checkpoint::format
