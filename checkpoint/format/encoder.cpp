#include "checkpoint/format/encoder.hpp"

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "checkpoint/format/key.hpp"
#include "checkpoint/format/pickle_writer.hpp"
#include "checkpoint/format/text.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::size_t kBatch = 1000;  // items per SETITEMS and APPENDS, as in CPython
constexpr std::size_t kMaxDepth = 1000;

// CPython remembers objects by identity. Here containers and tensors have one; texts and bytes are
// remembered by content, which is the same for the names and keys in real files (they are
// interned). Texts that Python makes afresh each time (the key of a storage, the inside of bytes)
// are not looked up.
class Encoder {
 public:
  Pickle encode(const Value& root) {
    try {
      save(root);
    } catch (const Error& error) {
      throw Error(error.code(), "can't save root" + where() + ": " + error.what());
    }
    return {std::move(writer_).finish(), std::move(storages_)};
  }

 private:
  struct Step {
    const Value* key{nullptr};  // of a dict
    std::size_t index{0};       // of a list or tuple
  };
  struct Slot {
    std::size_t index{0};
    DType dtype{DType::uint8};
    std::uint32_t key_number{0};
    bool key_written{false};
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
        return text(value.as_string());
      case Kind::bytes:
        return bytes(value.as_bytes());
      case Kind::list:
        return container(value.as_list().identity(), [&] { list(value.as_list()); });
      case Kind::tuple:
        return container(value.as_tuple().identity(), [&] { tuple(value.as_tuple()); });
      case Kind::dict:
        return container(value.as_dict().identity(), [&] { dict(value.as_dict()); });
      case Kind::tensor:
        return tensor(value.as_tensor());
    }
  }

  void step_into(Step step, const Value& value) {
    path_.push_back(step);
    save(value);
    path_.pop_back();
  }

  bool get_known(const void* object) {
    const auto found = objects_.find(object);
    if (found == objects_.end()) return false;
    writer_.get(found->second);
    return true;
  }

  template <class Save>
  void container(const void* identity, const Save& save_items) {
    if (open_.contains(identity)) throw Error(ErrorCode::type, "a container holds itself");
    if (get_known(identity)) return;
    if (open_.size() == kMaxDepth) throw Error(ErrorCode::limit, "nested deeper than 1000");
    open_.insert(identity);
    save_items();
    open_.erase(identity);
  }

  void text(const std::string& text) {
    if (const auto found = texts_.find(text); found != texts_.end())
      return writer_.get(found->second);
    writer_.text(text);
    texts_.emplace(text, writer_.put());
  }

  void fresh_text(std::string_view text) {
    writer_.text(text);
    writer_.put();
  }

  void global(const char* module, const char* name) {
    const std::string key = std::string(module) + " " + name;
    if (const auto found = globals_.find(key); found != globals_.end())
      return writer_.get(found->second);
    writer_.global(module, name);
    globals_.emplace(key, writer_.put());
  }

  // Protocol 2 has no bytes: a call that every reader knows, over Latin-1 text.
  void bytes(const Bytes& bytes) {
    if (const auto found = bytes_.find(bytes.data); found != bytes_.end())
      return writer_.get(found->second);
    global("_codecs", "encode");
    fresh_text(latin1_to_utf8(bytes.data));
    text(kLatin1);
    writer_.tuple(2);
    writer_.put();
    writer_.op(Op::reduce);
    bytes_.emplace(bytes.data, writer_.put());
  }

  void list(const List& list) {
    const std::vector<Value>& items = list.items();
    writer_.op(Op::empty_list);
    objects_.emplace(list.identity(), writer_.put());
    if (items.size() == 1) {
      step_into({.index = 0}, items[0]);
      return writer_.op(Op::append);
    }
    for (std::size_t begin = 0; begin < items.size(); begin += kBatch) {
      writer_.op(Op::mark);
      for (std::size_t i = begin; i < items.size() && i < begin + kBatch; ++i)
        step_into({.index = i}, items[i]);
      writer_.op(Op::appends);
    }
  }

  void tuple(const Tuple& tuple) {
    const std::vector<Value>& items = tuple.items();
    if (items.size() > 3) writer_.op(Op::mark);
    for (std::size_t i = 0; i < items.size(); ++i) step_into({.index = i}, items[i]);
    writer_.tuple(items.size());
    if (!items.empty()) objects_.emplace(tuple.identity(), writer_.put());
  }

  void dict(const Dict& dict) {
    if (dict.is_ordered()) {
      new_ordered_dict();
    } else {
      if (!dict.attributes().is_none())
        throw Error(ErrorCode::type, "attributes on a dict that is not an OrderedDict");
      writer_.op(Op::empty_dict);
    }
    objects_.emplace(dict.identity(), writer_.put());
    dict_items(dict);
    if (dict.attributes().is_none()) return;
    save(dict.attributes());
    writer_.op(Op::build);
  }

  void new_ordered_dict() {
    global("collections", "OrderedDict");
    writer_.op(Op::empty_tuple);
    writer_.op(Op::reduce);
  }

  // CPython batches the two kinds differently (batch_dict_exact and batch_dict): a plain dict whose
  // size is a multiple of 1000 ends with an empty batch; an OrderedDict writes a last batch of one
  // without MARK.
  void dict_items(const Dict& dict) {
    const auto& items = dict.items();
    for (std::size_t begin = 0; begin < items.size(); begin += kBatch) {
      const std::size_t end = std::min(items.size(), begin + kBatch);
      const bool single = end - begin == 1 && (dict.is_ordered() || items.size() == 1);
      if (!single) writer_.op(Op::mark);
      for (std::size_t i = begin; i < end; ++i) {
        save(items[i].first);
        step_into({.key = &items[i].first}, items[i].second);
      }
      writer_.op(single ? Op::setitem : Op::setitems);
    }
    if (!dict.is_ordered() && !items.empty() && items.size() % kBatch == 0) {
      writer_.op(Op::mark);
      writer_.op(Op::setitems);
    }
  }

  // torch.Tensor._reduce_ex_internal: _rebuild_tensor_v2(storage, offset, size, stride,
  // requires_grad, hooks[, metadata]); types without a storage class go through _rebuild_tensor_v3,
  // with the dtype before the metadata.
  void tensor(const StoredTensor& tensor) {
    if (get_known(&tensor)) return;
    check(tensor);
    const bool untyped = storage_name(tensor.dtype).empty();
    global("torch._utils", untyped ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    writer_.op(Op::mark);
    storage(tensor);
    writer_.integer(tensor.offset);
    integers(tensor.sizes);
    integers(tensor.strides);
    writer_.boolean(tensor.requires_grad);
    new_ordered_dict();
    writer_.put();
    if (untyped) global("torch", std::string(name(tensor.dtype)).c_str());
    math_bits(tensor);
    writer_.op(Op::tuple);
    writer_.put();
    writer_.op(Op::reduce);
    objects_.emplace(&tensor, writer_.put());
  }

  static void check(const StoredTensor& tensor) {
    const std::size_t item = item_size(tensor.dtype);
    if (item == 0 || is_quantized(tensor.dtype)) {
      throw Error(ErrorCode::unsupported, "a tensor of type " + std::string(name(tensor.dtype)));
    }
    if (tensor.storage == nullptr) throw Error(ErrorCode::type, "a tensor without a storage");
    const Storage& storage = *tensor.storage;
    if (storage.nbytes > 0 && storage.data == nullptr)
      throw Error(ErrorCode::type, "a tensor whose data was not loaded");
    if (storage.nbytes % item != 0)
      throw Error(ErrorCode::type, "a storage that is no whole number of elements");
    if (const std::string problem = view_problem(tensor, storage.nbytes / item); !problem.empty()) {
      throw Error(ErrorCode::type, "a tensor with " + problem);
    }
  }

  // ('storage', torch.FloatStorage, key, location, numel) as a persistent id.
  void storage(const StoredTensor& tensor) {
    const Storage& storage = *tensor.storage;
    Slot& slot = slot_of(tensor);
    writer_.op(Op::mark);
    text(kStorage);
    const std::string type(storage_name(tensor.dtype));
    type.empty() ? global("torch.storage", "UntypedStorage") : global("torch", type.c_str());
    if (slot.key_written) {
      writer_.get(slot.key_number);
    } else {
      writer_.text(std::to_string(slot.index));
      slot.key_number = writer_.put();
      slot.key_written = true;
    }
    text(storage.location);
    writer_.integer(static_cast<std::int64_t>(
        type.empty() ? storage.nbytes : storage.nbytes / item_size(tensor.dtype)));
    writer_.op(Op::tuple);
    writer_.put();
    writer_.op(Op::binpersid);
  }

  // Memory is one storage, whoever describes it; without memory (empty), the Storage object is.
  Slot& slot_of(const StoredTensor& tensor) {
    const Storage& storage = *tensor.storage;
    const bool memory = storage.data != nullptr && storage.nbytes > 0;
    const std::pair key{memory ? static_cast<const void*>(storage.data) : &storage,
                        memory ? storage.nbytes : 0};
    const auto [found, is_new] =
        slots_.try_emplace(key, Slot{.index = storages_.size(), .dtype = tensor.dtype});
    if (is_new) storages_.push_back(tensor.storage);
    if (found->second.dtype != tensor.dtype) {
      throw Error(ErrorCode::unsupported,
                  "the same memory as " + std::string(name(found->second.dtype)) + " and as " +
                      std::string(name(tensor.dtype)) + ", which torch can't store");
    }
    return found->second;
  }

  void integers(const std::vector<std::int64_t>& values) {
    if (values.size() > 3) writer_.op(Op::mark);
    for (const std::int64_t value : values) writer_.integer(value);
    writer_.tuple(values.size());
    if (!values.empty()) writer_.put();
  }

  void math_bits(const StoredTensor& tensor) {
    if (!tensor.conjugate && !tensor.negative) return;
    const bool both = tensor.conjugate && tensor.negative;
    writer_.op(Op::empty_dict);
    writer_.put();
    if (both) writer_.op(Op::mark);
    if (tensor.conjugate) fresh_text("conj");
    if (tensor.conjugate) writer_.boolean(true);
    if (tensor.negative) fresh_text("neg");
    if (tensor.negative) writer_.boolean(true);
    writer_.op(both ? Op::setitems : Op::setitem);
  }

  [[nodiscard]] std::string where() const {
    std::string text;
    for (const Step& step : path_) {
      text += "[" + (step.key != nullptr ? show_key(*step.key) : std::to_string(step.index)) + "]";
    }
    return text.size() <= 400 ? text : text.substr(0, 400) + "…";
  }

  const std::string kLatin1{"latin1"};
  const std::string kStorage{"storage"};
  PickleWriter writer_;
  std::vector<std::shared_ptr<const Storage>> storages_;
  std::map<std::pair<const void*, std::uint64_t>, Slot> slots_;
  std::unordered_map<std::string_view, std::uint32_t> texts_;  // views into the tree
  std::unordered_map<std::string_view, std::uint32_t> bytes_;
  std::unordered_map<std::string, std::uint32_t> globals_;
  std::unordered_map<const void*, std::uint32_t> objects_;
  std::unordered_set<const void*> open_;
  std::vector<Step> path_;
};

}  // namespace

Pickle encode(const Value& root) {
  return Encoder().encode(root);
}

}  // namespace cairn::checkpoint::format
