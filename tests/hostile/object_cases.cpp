// Calls of plain kinds (sets, Counters, complex numbers, …) with other arguments, and objects of
// unknown classes, as a reader that keeps them meets them.
#include <string>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle_cases.hpp"

namespace hostile {
namespace {

using namespace pickle;

class Cases {
 public:
  Files files{};
  void add(const std::string& name, const std::string& rule, const Ops& body,
           ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
    files.back().options.unknown = cairn::checkpoint::Unknown::keep;
  }
};

const Ops kUnknown = global("some", "Class");
const Ops kObject = kUnknown + ")\x81";
const Ops kReal = "G" + std::string(8, '\0');

std::string argument(int index, const std::string& found, const std::string& wanted) {
  return "argument " + std::to_string(index) + " of a call is " + found + ", not " + wanted;
}

}  // namespace

Files plain_calls() {
  Cases cases;
  const auto wrong = [&cases](const std::string& name, const Ops& callee,
                              std::initializer_list<Ops> arguments, const std::string& rule,
                              ErrorCode code = ErrorCode::corrupt) {
    cases.add(name, rule, call(callee, tuple(arguments)), code);
  };
  for (const char* module : {"__builtin__", "builtins"}) {
    const std::string in = std::string(" of ") + module;
    const Ops complex = global(module, "complex");
    wrong("complex of one number" + in, complex, {kReal}, "a wrong number of arguments");
    wrong("complex of texts" + in, complex, {text("1"), kReal}, argument(0, "str", "float"));
    wrong("complex of ints" + in, complex, {kReal, integer(1)}, argument(1, "int", "float"));
    const Ops set = global(module, "set");
    wrong("a set of an int" + in, set, {integer(1)}, argument(0, "int", "list"));
    wrong("a set of two lists" + in, set, {kEmptyList, kEmptyList}, "a wrong number of arguments");
    wrong("a set of a list" + in, set, {list({kEmptyList})}, "a list can't be a key",
          ErrorCode::type);
    wrong("a set of a dict" + in, set, {list({kEmptyDict})}, "a dict can't be a key",
          ErrorCode::type);
  }
  const Ops counter = global("collections", "Counter");
  wrong("a Counter of a list", counter, {kEmptyList}, argument(0, "list", "dict"));
  wrong("a Counter of two dicts", counter, {kEmptyDict, kEmptyDict}, "a wrong number of arguments");
  const Ops size = global("torch", "Size");
  wrong("a torch.Size of nothing", size, {}, "a wrong number of arguments");
  wrong("a torch.Size of a list", size, {kEmptyList}, argument(0, "list", "tuple"));
  wrong("a torch.Size of texts", size, {tuple({text("2")})}, "a torch.Size of what are no ints");
  const Ops device = global("torch", "device");
  wrong("a device of nothing", device, {}, "a wrong number of arguments");
  wrong("a device of an int", device, {integer(0)}, argument(0, "int", "str"));
  wrong("a device with a text for an index", device, {text("cuda"), text("0")},
        argument(1, "str", "int"));
  wrong("a device of three", device, {text("cuda"), integer(0), integer(0)},
        "a wrong number of arguments");
  cases.add("items added to a list", "items added to a list", "](K\1\x90");
  cases.add("items added to a dict", "items added to a dict", "}(K\1\x90");
  cases.add("items added without a mark", "without the MARK", "\x8fK\1\x90");
  cases.add("a list added to a set", "a list can't be a key", "\x8f(]\x90", ErrorCode::type);
  cases.add("a frozenset without a mark", "without the MARK", "K\1\x91");
  cases.add("a bytearray that is longer than the pickle", "ends early",
            "\x96" + std::string(7, '\xFF') + '\1' + "a");
  return cases.files;
}

// Calls that give a tensor attributes: what describes the tensor is checked as if it stood alone.
Files attributes() {
  Cases cases;
  const Ops typed = global("torch._tensor", "_rebuild_from_type_v2");
  const Ops with_state = global("torch._utils", "_rebuild_parameter_with_state");
  const Ops tensor_type = global("torch", "Tensor");
  const Tensor good;
  const auto wrong = [&](const std::string& name, const Ops& arguments, const std::string& rule,
                         ErrorCode code = ErrorCode::corrupt) {
    cases.add("attributes: " + name, rule,
              call(typed, tuple({good.function, tensor_type, arguments, kEmptyDict})), code);
  };
  const std::string number = "a wrong number of arguments";
  cases.add("attributes: without them", number,
            call(typed, tuple({good.function, tensor_type, kEmptyTuple})));
  cases.add("attributes: nothing", number, call(typed, kEmptyTuple));
  wrong("a tensor of nothing", kEmptyTuple, number);
  wrong("a tensor of a list", kEmptyList, argument(2, "list", "tuple"));
  wrong("a tensor of a tensor", good.ops(), argument(2, "tensor", "tuple"));
  const auto changed = [](const Tensor& tensor) {
    return "(" + tensor.storage + tensor.offset + tensor.sizes + tensor.strides +
           tensor.requires_grad + tensor.hooks + "t";
  };
  wrong("a tensor without its storage", changed({.storage = kNone}),
        argument(0, "None", "opaque object"));
  wrong("a view beyond the storage", changed({.offset = integer(1)}),
        "elements up to 5 of a storage of 4");
  wrong("a negative stride", changed({.strides = tuple({integer(-2), integer(1)})}),
        "negative stride");
  wrong("hooks", changed({.hooks = dict({kNone, kNone})}), "a tensor with hooks",
        ErrorCode::unsupported);
  cases.add("attributes: a parameter of three arguments", number,
            call(with_state, tuple({good.ops(), kTrue, ordered_dict()})));
  cases.add("attributes: a parameter that requires an int", argument(1, "int", "bool"),
            call(with_state, tuple({good.ops(), integer(1), ordered_dict(), kEmptyDict})));
  cases.add("attributes: a parameter with hooks", "a tensor with hooks",
            call(with_state, tuple({good.ops(), kTrue, dict({kNone, kNone}), kEmptyDict})),
            ErrorCode::unsupported);
  return cases.files;
}

Files objects() {
  Cases cases;
  cases.add("a call of an int", "a call of a int", "K\1)R");
  cases.add("an object of a text", "a call of a str", text("x") + ")\x81");
  cases.add("a call of an unknown name without arguments", "a call without arguments",
            kUnknown + "K\1R");
  cases.add("an object with keywords that are none", "what are no arguments",
            kUnknown + ")K\1\x92");
  cases.add("an object with keywords and no arguments", "what are no arguments",
            kUnknown + "K\1}\x92");
  cases.add("an object with keywords of an int", "what are no arguments", "K\1)}\x92");
  cases.add("a state that is set twice", "whose state is set twice", kObject + "}b}b",
            ErrorCode::unsupported);
  cases.add("a state of a name", "attributes of a opaque object", kUnknown + "}b",
            ErrorCode::unsupported);
  cases.add("a state of a list", "attributes of a list", "]}b", ErrorCode::unsupported);
  cases.add("items appended to a name", "items appended to a opaque object", kUnknown + "K\1a");
  cases.add("keys set in a name", "keys set in a opaque object", kUnknown + "K\1K\1s");
  cases.add("a key without a value in an object", "a key without a value", kObject + "(K\1u");
  cases.add("an object that is its own key", "holds itself",
            kObject + put(0) + "}" + get(0) + "K\1sb", ErrorCode::unsupported);
  // What is opaque is no way around the limits.
  constexpr std::size_t kTower = 40'000;
  cases.add("a tower of objects in arguments", "nested deeper",
            kUnknown + put(0) + repeat("\x85" + put(1) + "0" + get(0) + get(1) + "R", kTower),
            ErrorCode::limit);
  cases.add(
      "a tower of states", "nested deeper",
      kUnknown + put(0) + "0" + repeat(get(0) + ")\x81", kTower) + kNone + repeat("b", kTower),
      ErrorCode::limit);
  cases.add("a tower of calls of calls", "nested deeper", kUnknown + repeat(")R", kTower),
            ErrorCode::limit);
  cases.add("a tower of items", "nested deeper",
            kUnknown + put(0) + "0" + repeat(get(0) + ")\x81", kTower) + repeat("a", kTower - 1),
            ErrorCode::limit);
  return cases.files;
}

}  // namespace hostile
