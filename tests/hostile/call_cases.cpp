// Calls, storages and tensors: every argument missing, of another kind, or a number that leads
// somewhere else.
#include <array>
#include <cstdint>
#include <functional>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle_cases.hpp"
#include "tests/hostile/zip_cases.hpp"

namespace hostile {
namespace {

using namespace pickle;

constexpr std::int64_t kMax = INT64_MAX;
constexpr std::int64_t kMin = INT64_MIN;

class Cases {
 public:
  Files files{};
  void add(const std::string& name, const std::string& rule, const Ops& body,
           ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
  }
};

struct Named {
  const char* name{""};
  Ops ops{};
};

// What is no storage, int, tuple, bool or dict, each for the arguments that should be one.
const std::vector<Named>& plain_values() {
  static const std::vector<Named> values{{"None", kNone},
                                         {"bool", kTrue},
                                         {"int", integer(1)},
                                         {"int beyond 64 bits", "\x8a\x09" + std::string(9, '\1')},
                                         {"float", "G" + std::string(8, '\0')},
                                         {"str", text("s")},
                                         {"list", list({integer(1)})},
                                         {"tuple", tuple({integer(1)})},
                                         {"dict", kEmptyDict}};
  return values;
}

// Good arguments of a tensor, to be changed one by one.
std::vector<Ops> good_arguments() {
  const Tensor good;
  return {good.storage, good.offset, good.sizes, good.strides, good.requires_grad, good.hooks};
}

Ops tuple_of(const std::vector<Ops>& items) {
  Ops ops = "(";
  for (const Ops& item : items) ops += item;
  return ops + "t";
}

const Ops kRebuild2 = global("torch._utils", "_rebuild_tensor_v2");
const Ops kRebuild3 = global("torch._utils", "_rebuild_tensor_v3");
const Ops kParameter = global("torch._utils", "_rebuild_parameter");

StorageId untyped() {
  return {.type = global("torch.storage", "UntypedStorage"), .count = integer(16)};
}

Tensor tensor3(const Ops& dtype = global("torch", "uint16")) {
  return {.function = kRebuild3, .storage = untyped().ops(), .more = dtype};
}

}  // namespace

Files calls() {
  Cases cases;
  const ErrorCode unsupported = ErrorCode::unsupported;
  const Ops ordered = global("collections", "OrderedDict");
  const Ops counter = global("collections", "Counter");
  const Ops encode = global("_codecs", "encode");
  const Ops bytes = global("__builtin__", "bytes");
  for (const auto& [name, ops] : plain_values()) {
    const std::string kind(name);
    if (kind != "list")
      cases.add("OrderedDict(" + kind + ")", "not list", call(ordered, ops + "\x85"));
    if (kind != "dict") cases.add("Counter(" + kind + ")", "not dict", call(counter, ops + "\x85"));
    if (kind != "tuple")
      cases.add("torch.Size(" + kind + ")", "not tuple",
                call(global("torch", "Size"), ops + "\x85"));
    if (kind != "str") {
      cases.add("encode(" + kind + ", …)", "argument 0 of a call is " + kind + ", not str",
                call(encode, tuple({ops, text("latin1")})));
      cases.add("encode(…, " + kind + ")", "argument 1 of a call is " + kind + ", not str",
                call(encode, tuple({text("x"), ops})));
    }
    if (kind != "tuple" && kind != "list")
      cases.add("OrderedDict([" + kind + "])", "what are no pairs",
                call(ordered, list({ops}) + "\x85"));
    cases.add("bytes(" + kind + ")", "bytes() of something", call(bytes, ops + "\x85"),
              unsupported);
  }
  cases.add("OrderedDict of one value", "what are no pairs",
            call(ordered, list({tuple({kNone})}) + "\x85"));
  cases.add("OrderedDict of three values", "what are no pairs",
            call(ordered, list({tuple({kNone, kNone, kNone})}) + "\x85"));
  cases.add("OrderedDict of two arguments", "wrong number", call(ordered, "]]\x86"));
  cases.add("Counter of two arguments", "wrong number", call(counter, "}}\x86"));
  cases.add("torch.Size of nothing", "wrong number", call(global("torch", "Size"), ")"));
  cases.add("torch.Size of two arguments", "wrong number", call(global("torch", "Size"), "))\x86"));
  cases.add("encode of nothing", "wrong number", call(encode, ")"));
  cases.add("encode of one argument", "wrong number", call(encode, text("x") + "\x85"));
  cases.add("encode of three arguments", "wrong number",
            call(encode, tuple({text("x"), text("latin1"), text("strict")})));
  for (const char* encoding : {"", "utf-8", "latin-1", "LATIN1", "rot13", "zlib", "hex"})
    cases.add("encode in '" + std::string(encoding) + "'", "other than latin1",
              call(encode, tuple({text("x"), text(encoding)})), unsupported);
  cases.add("bytes above 255", "bytes above 255",
            call(encode, tuple({text("\xc4\x80"), text("latin1")})));
  for (const char* type : {"FloatStorage", "UntypedStorage"}) {
    cases.add("a call of torch." + std::string(type), "a call of what is no function",
              call(global("torch", type), ")"));
    cases.add("a new torch." + std::string(type), "a call of what is no function",
              global("torch", type) + ")\x81");
  }
  cases.add("a call of a call's result", "a call of a dict", call(ordered_dict(), ")"));
  cases.add("a call with a type for arguments", "a call without arguments",
            call(ordered, global("torch", "float32")));
  cases.add("a call with a storage for arguments", "a call without arguments",
            call(ordered, StorageId{}.ops()));
  return std::move(cases.files);
}

Files persistent_ids() {
  Cases cases;
  const auto id = [&cases](const std::string& name, const std::string& rule,
                           const std::function<void(StorageId&)>& change) {
    StorageId storage;
    change(storage);
    cases.add("a storage: " + name, rule, Tensor{.storage = storage.ops()}.ops());
  };
  const std::string none = "a reference to what is no storage";
  const Ops type = global("torch", "FloatStorage");
  id("another tag", none, [](StorageId& s) { s.tag = text("module"); });
  id("an empty tag", none, [](StorageId& s) { s.tag = text(""); });
  cases.add("a storage: four parts", none,
            tuple({text("storage"), type, text("0"), text("cpu")}) + "Q");
  cases.add("a storage: six parts", none,
            tuple({text("storage"), type, text("0"), text("cpu"), integer(4), kNone}) + "Q");
  cases.add("a storage: one part", none, tuple({type}) + "Q");
  cases.add("a storage: a list of the parts", none,
            list({text("storage"), type, text("0"), text("cpu"), integer(4)}) + "Q");
  cases.add("a storage: only its type", none, type + "Q");
  cases.add("a storage: a storage", none, StorageId{}.ops() + "Q");
  for (const auto& [name, ops] : plain_values()) {
    const std::string kind(name);
    const Ops value = ops;
    const auto part = [&](unsigned index, const std::string& wanted, Ops StorageId::* member) {
      if (kind == wanted) return;
      id("part " + std::to_string(index) + " is " + kind,
         "argument " + std::to_string(index) + " of a call is " + kind + ", not " + wanted,
         [&](StorageId& s) { s.*member = value; });
    };
    part(0, "str", &StorageId::tag);
    part(2, "str", &StorageId::key);
    part(3, "str", &StorageId::location);
    part(4, "int", &StorageId::count);
  }
  for (const auto& [module, name] : std::initializer_list<std::pair<const char*, const char*>>{
           {"torch", "float32"},
           {"torch", "Size"},
           {"collections", "OrderedDict"},
           {"torch._utils", "_rebuild_tensor_v2"}}) {
    id("of type " + std::string(name), "a storage without a type",
       [&](StorageId& s) { s.type = global(module, name); });
  }
  cases.add(
      "a storage: its type is a str", "a storage without a type",
      tuple({text("storage"), text("FloatStorage"), text("0"), text("cpu"), integer(4)}) + "Q");
  for (const std::string& key :
       {std::string(), std::string("../0"), std::string("/0"), std::string("a/0"),
        std::string("a\\0"), std::string("0\0", 2), std::string("\xc3\xa9"), std::string(201, '0'),
        std::string("0 "), std::string("\n0"), std::string("0:1")}) {
    id("the key '" + key + "'", "a key that names no record",
       [&](StorageId& s) { s.key = text(key); });
  }
  for (const char* key : {"1", "00", "0.0", "..", ".", "-0", "_"}) {
    id("the key '" + std::string(key) + "'", "record data/" + std::string(key) + " is missing",
       [&](StorageId& s) { s.key = text(key); });
  }
  return std::move(cases.files);
}

Files storages() {
  Cases cases;
  const auto count = [&cases](const std::string& name, const std::string& rule, const Ops& number,
                              const char* type = "FloatStorage") {
    const StorageId storage{.type = global("torch", type), .count = number};
    cases.add("a storage of " + name, rule, Tensor{.storage = storage.ops()}.ops());
  };
  count("one element less", "has 16 bytes where its tensors say 12", integer(3));
  count("one element more", "has 16 bytes where its tensors say 20", integer(5));
  count("nothing", "where its tensors say 0", integer(0));
  count("-1 elements", "impossible size", integer(-1));
  count("the least int", "impossible size", integer(kMin));
  count("the greatest int", "impossible size", integer(kMax));
  count("2^62 elements, 16 bytes but for 2^64", "impossible size", integer((1LL << 62) + 4));
  count("2^40 elements", "where its tensors say", integer(1LL << 40));
  count("2^40 bytes", "where its tensors say", integer(1LL << 40), "ByteStorage");
  count("four doubles", "where its tensors say 32", integer(4), "DoubleStorage");
  count("four halves", "where its tensors say 8", integer(4), "HalfStorage");
  count("four complex numbers", "where its tensors say 64", integer(4), "ComplexDoubleStorage");
  const auto twice = [&cases](const std::string& name, const std::string& rule, const Ops& first,
                              const Ops& second) {
    cases.add("one storage " + name, rule, list({first, second}));
  };
  const Tensor good;
  const auto as = [](const char* type, std::int64_t size) {
    return Tensor{.storage = StorageId{.type = global("torch", type), .count = integer(size)}.ops(),
                  .sizes = tuple({integer(1)}),
                  .strides = tuple({integer(1)})}
        .ops();
  };
  const std::string two = "used as two types";
  twice("as float and int", two, good.ops(), as("IntStorage", 4));
  twice("as float and double", two, good.ops(), as("DoubleStorage", 2));
  twice("as float and bytes", two, good.ops(), as("ByteStorage", 16));
  twice("as float and untyped", two, good.ops(), tensor3().ops());
  twice("as untyped and float", two, tensor3().ops(), good.ops());
  twice("as uint16 and uint32", two, tensor3().ops(), tensor3(global("torch", "uint32")).ops());
  twice("as uint16 and float8", two, tensor3().ops(),
        tensor3(global("torch", "float8_e5m2")).ops());
  twice("with two sizes", "where its tensors say 12", good.ops(),
        Tensor{.storage = StorageId{.count = integer(3)}.ops()}.ops());
  cases.add("a storage whose record has another case", "record data/A is missing",
            Tensor{.storage = StorageId{.key = text("A")}.ops()}.ops());
  std::vector<Content> contents = good_contents();
  contents[0].bytes = whole(Tensor{.storage = StorageId{.key = text("A")}.ops()}.ops());
  contents[2].name = "data/a";
  cases.files.back().bytes = bytes_of(make_image(contents));
  contents = good_contents();
  contents[2].bytes.resize(15);
  cases.files.push_back({.name = "a record of 15 bytes for four floats",
                         .bytes = bytes_of(make_image(contents)),
                         .rule = "has 15 bytes where its tensors say 16"});
  contents[0].bytes =
      whole(Tensor{.function = kRebuild3,
                   .storage = StorageId{.type = untyped().type, .count = integer(15)}.ops(),
                   .more = global("torch", "uint16")}
                .ops());
  cases.files.push_back({.name = "an untyped storage of half an element",
                         .bytes = bytes_of(make_image(contents)),
                         .rule = "no whole number of elements"});
  contents = good_contents();
  contents.erase(contents.begin() + 2);
  cases.files.push_back({.name = "a storage without its record",
                         .bytes = bytes_of(make_image(contents)),
                         .rule = "record data/0 is missing"});
  return std::move(cases.files);
}

Files views() {
  Cases cases;
  const auto view = [&cases](const std::string& name, const std::string& rule, std::int64_t offset,
                             const std::vector<std::int64_t>& sizes,
                             const std::vector<std::int64_t>& strides) {
    const auto numbers = [](const std::vector<std::int64_t>& values) {
      std::vector<Ops> items;
      items.reserve(values.size());
      for (const std::int64_t value : values) items.push_back(integer(value));
      return tuple_of(items);
    };
    cases.add(
        "a view: " + name, rule,
        Tensor{.offset = integer(offset), .sizes = numbers(sizes), .strides = numbers(strides)}
            .ops());
  };
  const std::string outside = "of a storage of 4";
  view("one element too many", "elements up to 5 " + outside, 0, {5}, {1});
  view("an offset one too large", "elements up to 5 " + outside, 1, {2, 2}, {2, 1});
  view("an offset behind the end", "elements up to 5 " + outside, 4, {}, {});
  view("an empty one behind the end", "elements up to 5 " + outside, 5, {0}, {1});
  view("a stride too large", "elements up to 5 " + outside, 0, {2}, {4});
  view("a stride of the greatest int", outside, 0, {2}, {kMax - 1});
  view("an offset of the greatest int", "overflows 64 bits", kMax, {2}, {1});
  view("an offset of the greatest int, one element", outside, kMax, {}, {});
  view("the greatest int as the offset of an empty one", outside, kMax, {0}, {1});
  view("the greatest size", outside, 0, {kMax}, {1});
  view("the greatest size, twice", "more elements than 64 bits", 0, {kMax, kMax}, {0, 0});
  view("2^32 by 2^32", "more elements than 64 bits", 0, {1LL << 32, 1LL << 32}, {0, 0});
  view("2^63 elements", "more elements than 64 bits", 0, {1LL << 62, 2}, {0, 0});
  view("2^64 elements, 0 but for the overflow", "more elements than 64 bits", 0,
       {1LL << 32, 1LL << 32, 1}, {0, 0, 0});
  view("a stride that overflows", "a stride that overflows", 0, {3}, {kMax});
  view("a stride that overflows to 0", "a stride that overflows", 0, {5}, {1LL << 62});
  view("strides that overflow together", "overflows 64 bits", 0, {2, 2}, {kMax, kMax});
  view("strides that overflow with the offset", "overflows 64 bits", 2, {2}, {kMax});
  view("a negative offset", "negative offset", -1, {1}, {1});
  view("the least offset", "negative offset", kMin, {1}, {1});
  view("a negative size", "negative size", 0, {-1}, {1});
  view("the least size", "negative size", 0, {kMin}, {1});
  view("two negative sizes", "negative size", 0, {-2, -2}, {1, 1});
  view("a negative size behind 0", "negative size", 0, {0, -1}, {1, 1});
  view("a negative stride", "negative stride", 3, {2}, {-1});
  view("the least stride", "negative stride", 0, {1}, {kMin});
  view("a negative stride of one element", "negative stride", 0, {1}, {-1});
  view("a negative stride behind 0", "negative stride", 0, {0, 1}, {1, -1});
  view("fewer strides than sizes", "as many strides as sizes", 0, {1, 1}, {1});
  view("more strides than sizes", "as many strides as sizes", 0, {1}, {1, 1});
  view("no strides", "as many strides as sizes", 0, {1}, {});
  const auto numbers = [&cases](const std::string& name, const Ops& sizes, const Ops& strides) {
    cases.add("a view: " + name, "a size or stride of a tensor is no int",
              Tensor{.sizes = sizes, .strides = strides}.ops());
  };
  const Ops one = tuple({integer(1)});
  for (const auto& [kind, ops] : plain_values()) {
    if (ops == integer(1)) continue;
    numbers("a size that is " + std::string(kind), tuple({ops}), one);
    numbers("a stride that is " + std::string(kind), one, tuple({ops}));
  }
  return std::move(cases.files);
}

Files tensor_arguments() {
  Cases cases;
  const ErrorCode unsupported = ErrorCode::unsupported;
  const std::array<const char*, 6> kinds{"storage", "int", "tuple", "tuple", "bool", "dict"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (const auto& [name, ops] : plain_values()) {
      const std::string kind(name);
      if (kind == kinds[i]) continue;
      std::vector<Ops> arguments = good_arguments();
      arguments[i] = ops;
      cases.add("a tensor whose argument " + std::to_string(i) + " is " + kind,
                "argument " + std::to_string(i) + " of a call is " + kind,
                call(kRebuild2, tuple_of(arguments)));
    }
    std::vector<Ops> arguments = good_arguments();
    arguments[i] = global("torch", "float32");
    cases.add("a tensor whose argument " + std::to_string(i) + " is a type", "is torch.dtype",
              call(kRebuild2, tuple_of(arguments)));
  }
  for (std::size_t count = 0; count < 6; ++count) {
    std::vector<Ops> arguments = good_arguments();
    arguments.resize(count);
    cases.add("a tensor of " + std::to_string(count) + " arguments", "wrong number of arguments",
              call(kRebuild2, tuple_of(arguments)));
  }
  cases.add("a tensor of eight arguments", "wrong number of arguments",
            Tensor{.more = kEmptyDict + kNone}.ops());
  cases.add("a tensor of seven arguments by v3's name", "described without its storage",
            Tensor{.function = kRebuild3, .more = global("torch", "float32")}.ops());
  cases.add("a tensor of an untyped storage by v2's name", "described without its storage",
            Tensor{.storage = untyped().ops()}.ops());
  cases.add("a tensor of v3 without a type", "wrong number of arguments", tensor3("").ops());
  for (const auto& [name, ops] : plain_values())
    cases.add("a tensor of v3 whose type is " + std::string(name), "argument 6 of a call is",
              tensor3(ops).ops());
  cases.add("a tensor of v3 whose type is a storage's", "argument 6 of a call is",
            tensor3(global("torch", "FloatStorage")).ops());
  for (const char* dtype : {"qint8", "quint8", "qint32", "quint4x2", "quint2x4"})
    cases.add("a tensor of v3 of " + std::string(dtype), "a quantized tensor",
              tensor3(global("torch", dtype)).ops(), unsupported);
  cases.add("a tensor of a quantized storage", "a quantized tensor",
            Tensor{.storage = StorageId{.type = global("torch", "QInt32Storage")}.ops()}.ops(),
            unsupported);
  const std::string hooks = "a tensor with hooks";
  cases.add("a tensor with hooks", hooks, Tensor{.hooks = dict({kNone, kNone})}.ops(), unsupported);
  cases.add("a tensor with a hook that is a dict", hooks,
            Tensor{.hooks = ordered_dict() + "K\1}s"}.ops(), unsupported);
  const std::string metadata = "metadata other than conj and neg";
  for (const auto& [name, ops] :
       std::initializer_list<Named>{{"an unknown key", dict({text("other"), kTrue})},
                                    {"an int for conj", dict({text("conj"), integer(1)})},
                                    {"None for neg", dict({text("neg"), kNone})},
                                    {"a key that is no str", dict({integer(1), kTrue})}})
    cases.add("math bits: " + std::string(name), metadata, Tensor{.more = ops}.ops(), unsupported);
  for (const auto& [name, ops] : plain_values()) {
    const std::string kind(name);
    if (kind != "dict")
      cases.add("math bits: " + kind, "argument 6 of a call is " + kind, Tensor{.more = ops}.ops());
    cases.add("a parameter of " + kind, "argument 0 of a call is " + kind,
              call(kParameter, tuple({ops, kTrue, ordered_dict()})));
  }
  cases.add("a parameter of a storage", "argument 0 of a call is",
            call(kParameter, tuple({StorageId{}.ops(), kTrue, ordered_dict()})));
  cases.add("a parameter without hooks", "wrong number of arguments",
            call(kParameter, tuple({Tensor{}.ops(), kTrue})));
  cases.add("a parameter with hooks", hooks,
            call(kParameter, tuple({Tensor{}.ops(), kTrue, dict({kNone, kNone})})), unsupported);
  cases.add("a parameter that requires an int", "argument 1 of a call is int",
            call(kParameter, tuple({Tensor{}.ops(), integer(1), ordered_dict()})));
  return std::move(cases.files);
}

}  // namespace hostile
