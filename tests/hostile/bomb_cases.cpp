// Small pickles that ask for much: depth, cycles, keys that are hard to hash, work that repeats.
#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle_cases.hpp"
#include "tests/hostile/zip_image.hpp"

namespace hostile {
namespace {

using namespace pickle;
using namespace std::string_literals;

constexpr std::size_t kDeep = 100'000;

class Cases {
 public:
  Files files{};
  void add(const std::string& name, const std::string& rule, const Ops& body,
           ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
  }
};

// A tuple of two of the one before, `levels` times.
Ops doubled(std::size_t levels) {
  Ops ops = integer(1);
  for (std::uint32_t i = 0; i < levels; ++i) ops += put(i) + get(i) + "\x86";
  return ops;
}

// An operation that the machine has not (EXT1), and what it says of it.
const Ops kRefuse = "\x82";
const std::string kRefused = "pickle operation 130";
const std::string kAfter = "bytes after the end of the pickle";  // otherwise these would be good

}  // namespace

Files nesting() {
  Cases cases;
  const std::string deeper = "nested deeper than 1000";
  const ErrorCode limit = ErrorCode::limit;
  cases.add("100,000 tuples", deeper, ")" + repeat("\x85", kDeep), limit);
  cases.add("100,000 tuples of two", deeper, "N" + repeat("N\x86", kDeep), limit);
  cases.add("100,000 marks and tuples", deeper, repeat("(", kDeep) + repeat("t", kDeep), limit);
  cases.add("100,000 lists", deeper, repeat("]", kDeep) + repeat("a", kDeep - 1), limit);
  cases.add("100,000 lists with APPENDS", deeper, repeat("](", kDeep) + repeat("e", kDeep), limit);
  cases.add("50,000 dicts", deeper, repeat("}N", kDeep / 2) + "N" + repeat("s", kDeep / 2), limit);
  cases.add("50,000 dicts with SETITEMS", deeper,
            repeat("}(N", kDeep / 2) + "N" + repeat("u", kDeep / 2), limit);
  cases.add("10,000 OrderedDicts", deeper,
            ordered_dict() + repeat("N" + ordered_dict(), kDeep / 10) + repeat("s", kDeep / 10),
            limit);
  cases.add("10,000 attributes of attributes", deeper,
            repeat(ordered_dict() + "}N", 10'000) + "N" + repeat("sb", 10'000), limit);
  cases.add("100,000 lists and dicts in turn", deeper,
            repeat("]}N", kDeep / 2) + "N" + repeat("sa", kDeep / 2), limit);
  cases.add("1001 lists", deeper, repeat("]", 1001) + repeat("a", 1000), limit);
  cases.add("1001 tuples", deeper, ")" + repeat("\x85", 1000), limit);
  cases.add("100,000 tuples that are no part of the tree", kRefused,
            ")" + repeat("\x85", kDeep) + kRefuse + "N", ErrorCode::unsupported);
  cases.add("100,000 lists that only the memo holds", "does not end in one value",
            "N" + repeat("]", kDeep) + repeat("a", kDeep - 1) + put(0) + "](" + get(0) + "e");
  cases.add("an error below 100,000 tuples that would be a key", kRefused,
            "}()" + repeat("\x85", kDeep) + kRefuse, ErrorCode::unsupported);
  cases.add("an error below a key of 2^100 leaves", kRefused, "}(" + doubled(100) + kRefuse,
            ErrorCode::unsupported);
  cases.add("an error below 50,000 open dicts", kRefused, repeat("}(N", kDeep / 2) + kRefuse,
            ErrorCode::unsupported);
  cases.add("an error below 100,000 open lists", kRefused, repeat("](", kDeep) + kRefuse,
            ErrorCode::unsupported);
  const std::string itself = "a container that holds itself";
  const ErrorCode unsupported = ErrorCode::unsupported;
  cases.add("a list in itself", itself, "]" + put(0) + get(0) + "a", unsupported);
  cases.add("a dict in itself", itself, "}" + put(0) + "N" + get(0) + "s", unsupported);
  cases.add("an OrderedDict in itself", itself, ordered_dict() + put(0) + "N" + get(0) + "s",
            unsupported);
  cases.add("a dict as its own attributes", "attributes of a dict", "}" + put(0) + get(0) + "b",
            unsupported);
  cases.add("an OrderedDict as its own attributes", itself, ordered_dict() + put(0) + get(0) + "b",
            unsupported);
  cases.add("an OrderedDict in its attributes", itself,
            ordered_dict() + put(0) + "}N" + get(0) + "sb", unsupported);
  cases.add("a list in a tuple in it", itself, "]" + put(0) + get(0) + "\x85" + "a", unsupported);
  cases.add("two lists in each other", itself, "]" + put(0) + "]" + put(1) + get(0) + "aa",
            unsupported);
  cases.add("a cycle of 500 lists", itself,
            "]" + put(0) + repeat("]", 499) + get(0) + repeat("a", 500), unsupported);
  return std::move(cases.files);
}

Files keys() {
  Cases cases;
  const ErrorCode type = ErrorCode::type;
  cases.add("a key: a list", "a list can't be a key", "}]Ns", type);
  cases.add("a key: a dict", "a dict can't be a key", "}}Ns", type);
  cases.add("a key: an OrderedDict", "a dict can't be a key", "}" + ordered_dict() + "Ns", type);
  cases.add("a key: a list, among others", "a list can't be a key", "}(NNK\1N]Nu", type);
  cases.add("a key of 2^33 leaves", "can't be a key", "}" + doubled(33) + "Ns", type);
  cases.add("a key of 2^100 leaves", "can't be a key", "}" + doubled(100) + "Ns", type);
  cases.add("a key of 10,000 leaves", "can't be a key", "}(" + repeat("N", 10'000) + "tNs", type);
  cases.add("a key of 100,000 tuples", "can't be a key", "})" + repeat("\x85", kDeep) + "Ns", type);
  cases.add("a key of six tuples", "can't be a key", "})" + repeat("\x85", 6) + "Ns", type);
  cases.add("an OrderedDict of pairs with a key of 2^33 leaves", "can't be a key",
            call(global("collections", "OrderedDict"), "]]" + doubled(33) + "aNaa\x85"), type);
  return std::move(cases.files);
}

// Each is good up to its last byte, or to a limit, and must get there quickly.
Files repeated_work() {
  Cases cases;
  const ErrorCode limit = ErrorCode::limit;
  const std::string repeated = "repeated too often";
  const Ops ordered = global("collections", "OrderedDict") + put(1);
  const Ops pairs = "](" + repeat("NN\x86", 10'000) + "e\x85";
  cases.add("an OrderedDict of the same 10,000 pairs, 2,000 times", repeated,
            "](" + ordered + pairs + put(2) + "R" + repeat(get(1) + get(2) + "R", 2'000) + "e",
            limit);
  const Ops large = "(" + repeat("K\1", 50'000) + "t\x85";
  cases.add("a torch.Size of the same 50,000 items, 5,000 times", repeated,
            "](" + global("torch", "Size") + put(1) + large + put(2) + "R" +
                repeat(get(1) + get(2) + "R", 5'000) + "e",
            limit);
  const Ops dimensions = "(" + repeat("K\1", 20'000) + "t";
  Tensor tensor{.sizes = dimensions + put(7), .strides = get(7)};
  tensor.function += put(1);
  Tensor again{.function = get(1), .sizes = get(7), .strides = get(7)};
  cases.add("a tensor of the same 20,000 dimensions, 5,000 times", repeated,
            "](" + tensor.ops() + repeat(again.ops(), 5'000) + "e", limit);
  const Ops typed = global("torch._tensor", "_rebuild_from_type_v2") + put(2);
  const Ops described = "(" + tensor.storage + tensor.offset + tensor.sizes + tensor.strides +
                        tensor.requires_grad + tensor.hooks + "t";
  cases.add("a tensor with attributes of the same 20,000 dimensions, 5,000 times", repeated,
            "](" + tensor.function + typed + described + put(3) +
                repeat(call(get(2), tuple({get(1), kNone, get(3), kEmptyDict})), 5'000) + "e",
            limit);
  const Ops parameter = global("torch._utils", "_rebuild_parameter_with_state") + put(2);
  cases.add("a parameter with attributes of the same 20,000 dimensions, 5,000 times", repeated,
            "](" + parameter + tensor.ops() + put(3) +
                repeat(call(get(2), tuple({get(3), kTrue, ordered_dict(), kEmptyDict})), 5'000) +
                "e",
            limit);
  // Numbers that a table of hashes puts into one place: multiples of the primes that libstdc++ has
  // as numbers of buckets (src/c++11/hashtable-aux.cc).
  for (const std::int64_t prime : {20'753, 42'043, 85'229, 107'897}) {
    Ops dict = "}(";
    for (std::int64_t i = 1; i <= 20'000; ++i) dict += integer(256 + i * prime) + "N";
    cases.add("20,000 keys that are multiples of " + std::to_string(prime), kAfter, dict + "u.");
  }
  Ops memo = "](";
  for (std::uint32_t i = 1; i <= 20'000; ++i) memo += "N" + put(i * 20'753);
  cases.add("20,000 memo numbers that are multiples of 20753", "a memo number", memo + "e");
  const Ops key = "(" + repeat("K\1", 200) + "t" + put(0) + "N";
  cases.add("a key of 200 leaves, 5,000 times", kAfter,
            "}(" + key + repeat(get(0) + "N", 5'000) + "u.");
  cases.add("100,000 equal keys", kAfter, "}(" + repeat("NN", 100'000) + "u.");
  cases.add("100,000 empty dicts", kAfter, "](" + repeat("}", 100'000) + "e.");
  cases.add("operations beyond their number", "too many operations", "(" + repeat("N", 2'000) + "t",
            limit);
  cases.files.back().options.limits.max_operations = 1'000;
  return std::move(cases.files);
}

Files globals() {
  Cases cases;
  using Name = std::pair<const char*, const char*>;
  for (const auto& [module, name] : std::initializer_list<Name>{
           {"os", "system"},
           {"posix", "system"},
           {"nt", "system"},
           {"os", "popen"},
           {"os", "execv"},
           {"os", "remove"},
           {"builtins", "eval"},
           {"builtins", "exec"},
           {"builtins", "compile"},
           {"builtins", "open"},
           {"builtins", "getattr"},
           {"builtins", "__import__"},
           {"__builtin__", "eval"},
           {"__builtin__", "apply"},
           {"__builtin__", "getattr"},
           {"__builtin__", "print"},
           {"subprocess", "Popen"},
           {"subprocess", "check_output"},
           {"socket", "create_connection"},
           {"shutil", "rmtree"},
           {"runpy", "_run_code"},
           {"pty", "spawn"},
           {"pickle", "loads"},
           {"_pickle", "loads"},
           {"pip", "main"},
           {"webbrowser", "open"},
           {"ctypes", "CDLL"},
           {"timeit", "timeit"},
           {"functools", "partial"},
           {"operator", "attrgetter"},
           {"operator", "methodcaller"},
           {"types", "CodeType"},
           {"types", "FunctionType"},
           {"importlib", "import_module"},
           {"copyreg", "_reconstructor"},
           {"copy_reg", "_reconstructor"},
           {"bdb", "Bdb.run"},
           {"cProfile", "run"},
           {"code", "InteractiveInterpreter.runcode"},
           {"asyncio.unix_events", "_UnixSubprocessTransport._start"},
           {"torch", "load"},
           {"torch", "compile"},
           {"torch.hub", "load"},
           {"torch.serialization", "load"},
           {"torch.jit", "load"},
           {"torch.nn.modules.linear", "Linear"},
           {"torch._inductor.codecache", "compile_file"},
           {"torch.utils._config_module", "load_config"},
           {"torch._utils", "_rebuild_tensor_v2.__globals__"},
           {"torch._utils", "_import_dotted_name"},
           {"torch.storage", "_load_from_bytes"},
           {"torch.storage", "TypedStorage"},
           {"torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression"},
           {"numpy", "ndarray"},
           {"numpy.core.multiarray", "_reconstruct"},
           {"numpy.testing._private.utils", "runstring"},
           {"collections", "OrderedDict.__reduce__"},
           {"collections", "defaultdict"},
           {"collections", "deque"},
           {"_codecs", "decode"},
           {"codecs", "encode"},
           {"pathlib", "PosixPath"},
           {"datetime", "datetime"},
           {"argparse", "Namespace"},
           {"__main__", "Model"},
           {"sys", "modules"},
           {"", ""},
           {"", "system"},
           {"os", ""},
           {"os.system", ""},
           {"os ", "system"},
           {"Torch", "Size"},
           {"torch", "size"},
           {"torch", "Size "},
           {"torch.Size", ""},
           {"torch", "DoubleStorage.__new__"},
           {"torch.cuda", "Size"}}) {
    const std::string dotted = std::string(module) + "." + name;
    cases.add("the name " + dotted, dotted, call(global(module, name), tuple({text("id")})),
              ErrorCode::unsupported);
    cases.add("the name " + dotted + ", by STACK_GLOBAL", dotted,
              call(text(module) + text(name) + "\x93", tuple({text("id")})),
              ErrorCode::unsupported);
  }
  cases.add("a name of a megabyte", "xxxx", global("m", std::string(1 << 20, 'x')),
            ErrorCode::unsupported);
  cases.add("a name with an escape sequence", "?[31m", global("\x1b[31m", "red"),
            ErrorCode::unsupported);
  cases.add("a name with a NUL", "os?.system", global("os\0"s, "system"), ErrorCode::unsupported);
  return std::move(cases.files);
}

}  // namespace hostile
