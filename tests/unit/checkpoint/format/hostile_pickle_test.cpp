// Pickles made to do harm: each is one clear error, quickly, whatever it asks for.
#include <string>

#include "checkpoint/format/decoder.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;
using namespace std::string_literals;

namespace {

// Why a pickle, in an otherwise good archive with 16 bytes of data/0, is refused; empty if it is
// read.
std::string why(const std::string& body, const Limits& limits = {}) {
  return refusal(around("\x80\x02"s + body), {.unknown = Unknown::refuse, .limits = limits});
}

bool says(const std::string& message, std::string_view part) {
  UNSCOPED_INFO(message);
  return message.find(part) != std::string::npos;
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// Sizes and strides are given as tuples of pickled ints.
std::string tensor(const std::string& offset, const std::string& sizes, const std::string& strides,
                   const std::string& count = "K\x04",
                   const std::string& key =
                       "X\1\0\0\0"
                       "0"s,
                   const std::string& type = "ctorch\nFloatStorage\n") {
  const std::string storage = "(X\7\0\0\0storage"s + type + key + "X\3\0\0\0cpu"s + count + "tQ";
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + sizes + strides +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

const std::string kBig = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s;  // 2^63 - 1

}  // namespace

TEST_CASE("the tensor that the hostile ones vary is good", "[hostile]") {
  CHECK(why(tensor("K\0"s, "K\x02K\x02\x86", "K\x02K\x01\x86") + ".").empty());
}

TEST_CASE("views outside their storage are refused", "[hostile]") {
  CHECK(says(why(tensor("K\x01", "K\x02K\x02\x86", "K\x02K\x01\x86") + "."),
             "elements up to 5 of a storage of 4"));
  CHECK(says(why(tensor("K\0"s, "K\x05\x85", "K\x01\x85") + "."), "elements up to 5"));
  CHECK(says(why(tensor("K\0"s, "K\x02\x85", "K\x04\x85") + "."), "elements up to 5"));
  CHECK(says(why(tensor("J\xff\xff\xff\xff", "K\x01\x85", "K\x01\x85") + "."), "negative offset"));
  CHECK(says(why(tensor("K\0"s, "J\xff\xff\xff\xff\x85", "K\x01\x85") + "."), "negative size"));
  CHECK(says(why(tensor("K\x03", "K\x02\x85", "J\xff\xff\xff\xff\x85") + "."), "negative stride"));
  CHECK(says(why(tensor("K\x05", "K\0\x85"s, "K\x01\x85") + "."), "elements up to 5"));
  CHECK(says(why(tensor("K\0"s, "K\x01\x85", ")") + "."), "as many strides as sizes"));
}

TEST_CASE("sizes and strides that overflow are refused", "[hostile]") {
  CHECK(says(why(tensor("K\0"s, kBig + kBig + "\x86", "K\0K\0\x86"s) + "."), "more elements than"));
  CHECK(says(why(tensor("K\0"s, "K\x03\x85", kBig + "\x85") + "."), "overflows"));
  CHECK(says(why(tensor(kBig, "K\x02\x85", "K\x01\x85") + "."), "overflows"));
  CHECK(says(why(tensor("K\0"s, "K\x01\x85", "K\x01\x85", kBig) + "."), "impossible size"));
}

TEST_CASE("a storage must be a record of the size that it says", "[hostile]") {
  const std::string one = "K\x01\x85";
  CHECK(
      says(why(tensor("K\0"s, one, one, "K\x05") + "."), "has 16 bytes where its tensors say 20"));
  CHECK(
      says(why(tensor("K\0"s, one, one, "K\x03") + "."), "has 16 bytes where its tensors say 12"));
  CHECK(says(why(tensor("K\0"s, one, one, "J\xff\xff\xff\xff") + "."), "impossible size"));
  CHECK(says(why(tensor("K\0"s, one, one, "K\x04",
                        "X\1\0\0\0"
                        "7"s) +
                 "."),
             "record data/7 is missing"));
  CHECK(says(why(tensor("K\0"s, one, one, "K\x04", "X\5\0\0\0../.."s) + "."), "names no record"));
  CHECK(says(why(tensor("K\0"s, one, one, "K\x04", "K\0"s) + "."), "argument 2 of a call is int"));
  CHECK(says(why(tensor("K\0"s, one, one, "K\x04",
                        "X\1\0\0\0"
                        "0"s,
                        "ccollections\nOrderedDict\n") +
                 "."),
             "without a type"));
}

TEST_CASE("one storage as two types is refused", "[hostile]") {
  const std::string one = "K\x01\x85";
  const std::string again = tensor("K\0"s, one, one, "K\x02",
                                   "X\1\0\0\0"
                                   "0"s,
                                   "ctorch\nLongStorage\n");

  CHECK(says(why("]" + tensor("K\0"s, one, one) + "a" + again + "a."), "used as two types"));
}

TEST_CASE("names outside the list are refused by name and place", "[hostile]") {
  CHECK(says(why("cos\nsystem\nX\2\0\0\0id\x85R."s), "os.system"));
  CHECK(says(why("c__builtin__\neval\n)R."), "__builtin__.eval"));
  CHECK(says(why("cnumpy\nndarray\n."), "numpy.ndarray (save it as a tensor or a list)"));
  CHECK(says(why("}(X\6\0\0\0hparam"s + "cpathlib\nPosixPath\n)Ru."), "pathlib.PosixPath"));
  CHECK(says(why("}(X\1\0\0\0aK\1X\1\0\0\0b}(X\1\0\0\0c"s + "cos\nsystem\n"), "at root['b']['c']"));
  CHECK(says(why("ctorch._utils\n_rebuild_tensor_v2.__globals__\n."), "unsupported"));
  CHECK(says(why("ccollections\ndefaultdict\n)R."), "collections.defaultdict"));
  CHECK(says(why("c__builtin__\nfrozenset\n]\x85R."), "__builtin__.frozenset"));
  CHECK(says(why("c\x1b[31m\nred\n."), "?[31m.red"));
}

TEST_CASE("names given as text are looked up in the same list", "[hostile]") {
  CHECK(says(why("\x8c\x02os\x8c\x06system\x93."), "os.system"));
  CHECK(says(why("K\1K\2\x93."), "expected str"));
}

TEST_CASE("calls of anything but the known constructors are refused", "[hostile]") {
  CHECK(says(why("K\1)R."), "a call of a int"));
  CHECK(says(why("ctorch\nfloat32\n)R."), "a call of a torch.dtype"));
  CHECK(says(why("ctorch\nFloatStorage\n)R."), "no function"));
  CHECK(says(why("ccollections\nOrderedDict\nK\1R."), "without arguments"));
  CHECK(says(why("ctorch._utils\n_rebuild_tensor_v2\n)R."), "wrong number of arguments"));
  CHECK(says(why("c_codecs\nencode\nX\1\0\0\0aX\5\0\0\0utf-7\x86R."s), "other than latin1"));
  CHECK(says(why("c_codecs\nencode\nX\3\0\0\0\xe2\x82\xacX\6\0\0\0latin1\x86R."s), "above 255"));
}

TEST_CASE("operations on the wrong kind of value are refused", "[hostile]") {
  for (const char* body : {"K\1K\2a.", "K\1(K\2e.", "]K\1K\2s.", "K\1}b.", "]}b.", "}}b.",
                           "}(K\1u.", "}]K\1s.", "K\1Q.", ")Q.", "N)\x81."}) {
    INFO(body);
    CHECK_FALSE(why(body).empty());
  }
}

TEST_CASE("a stack that is too short is refused", "[hostile]") {
  for (const char* body :
       {".", "a.", "s.", "e.", "u.", "t.", "\x85.", "\x86.", "\x87.", "R.", "b.", "Q.", "K\1(\x85.",
        "](a.", "}(K\1K\2s.", "q\1.", "K\1K\2.", "K\1(.", "\x93."}) {
    INFO(body);
    CHECK_FALSE(why(body).empty());
  }
}

TEST_CASE("references to what was never remembered are refused", "[hostile]") {
  CHECK(says(why("h\5."), "does not exist"));
  CHECK(says(why("j\xff\xff\xff\xff."), "does not exist"));
}

TEST_CASE("lengths beyond the end of the pickle are refused", "[hostile]") {
  for (const std::string& body : {"X\xff\xff\xff\xff"
                                  "a."s,
                                  "\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                                  "a."s,
                                  "\x8a\xff"
                                  "a."s,
                                  "\x8b\xff\xff\xff\xff"
                                  "a."s,
                                  "B\xff\xff\xff\x7f"
                                  "a."s,
                                  "\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"
                                  "a."s,
                                  "C\xff"
                                  "a."s,
                                  "U\x09"
                                  "a."s,
                                  "G\0\0"s, "J\1"s, "cos"s, "cos\nsystem"s, "K"s, ""s}) {
    CHECK(says(why(body), "ends early"));
  }
}

TEST_CASE("what follows the end of the pickle is refused", "[hostile]") {
  CHECK(says(why("N.N."), "after the end"));
}

TEST_CASE("text that is not UTF-8 is refused", "[hostile]") {
  for (const std::string& text : {"\xff\xff"s, "\xc0\x80"s, "\xe2\x82"s, "\xf8\x88"s}) {
    CHECK(says(why("X\2\0\0\0"s + text + "."), "not UTF-8"));
  }
}

TEST_CASE("nesting has a limit and is taken apart without recursion", "[hostile]") {
  CHECK(says(why(")" + repeat("\x85", 1'000'000) + "."), "nested deeper than 1000"));
  CHECK(says(why(repeat("]", 1'000'000) + repeat("a", 999'999) + "."), "nested deeper than 1000"));
  CHECK(says(why(repeat("}N", 1'000'000) + "N" + repeat("s", 1'000'000) + "."),
             "nested deeper than 1000"));
  CHECK(why(repeat("]", 1000) + repeat("a", 999) + ".").empty());
}

TEST_CASE("deep values that are no part of the tree do no harm", "[hostile]") {
  // Entry 0 of the memo is a tower of 100,000 lists, which the tree does not hold.
  CHECK(says(why("]q\0"s + repeat("]q\1ah\1"s, 100'000) + "\x85q\0K\1."s),
             "does not end in one value"));
  CHECK(why("(" + repeat("]", 100'000) + repeat("a", 99'999) + "dK\1."s).find("operation") !=
        std::string::npos);
}

TEST_CASE("a list that deepens after it was stored is still measured", "[hostile]") {
  // outer = [[]], then the inner one gets a list, and that one …: each append is to the list that
  // the memo has as 0; the outermost one stays on the stack.
  const std::string deepen = "h\0]q\0a0"s;
  std::string body = "]q\0"s;
  for (int i = 0; i < 2000; ++i) body += "]q\1a"s;

  CHECK(why(body + ".").empty());  // 2000 lists in one are not deep
  CHECK(why(body + deepen + ".").empty());
  CHECK(says(why(body + repeat(deepen, 1000) + "."), "nested deeper than 1000"));
}

TEST_CASE("a container that holds itself is refused", "[hostile]") {
  CHECK(says(why("]q\0h\0a."s), "holds itself"));
  CHECK(says(why("}q\0K\1h\0s."s), "holds itself"));
  CHECK(says(why("]q\0h\0\x85"
                 "a."s),
             "holds itself"));
}

TEST_CASE("a tuple of 2^33 leaves is no key, and no work as a value", "[hostile]") {
  const std::string bomb = "K\1" + repeat("q\0h\0\x86"s, 33);
  CHECK(says(why("}" + bomb + "Ns."), "can't be a key"));
  CHECK(why(bomb + ".").empty());
}

TEST_CASE("a long text repeated by reference has a limit", "[hostile]") {
  const std::string text = "X\0\0\x10\0"s + std::string(1 << 20, 'x') + "q\0"s;
  const std::string bytes = "c_codecs\nencode\nh\0X\6\0\0\0latin1\x86R"s;

  CHECK(why("(" + text + repeat("h\0"s, 5000) + "t.").empty());  // one text, however often
  CHECK(says(why("(" + text + repeat(bytes, 5) + "t."), "repeated too often"));
  CHECK(says(why("}(" + text + "N" + repeat("h\0N"s, 5000) + "u."), "repeated too often"));
}

TEST_CASE("operations have a limit", "[hostile]") {
  CHECK(says(why("(" + repeat("N", 1000) + "t.", {.max_operations = 500}), "too many operations"));
}

TEST_CASE("the pickle has a limit", "[hostile]") {
  CHECK(says(why("(" + repeat("N", 1000) + "t.", {.max_pickle = 500}), "at most 500"));
}

TEST_CASE("protocols 3 to 5 are read as data", "[hostile]") {
  // pickle.dumps({'a': b'xyz', 'b': (1, 'é')}, 4), Python 3.11
  const std::string four =
      "\x80\x04\x95\x1c\0\0\0\0\0\0\0}\x94(\x8c\x01"
      "a\x94"
      "C\x03xyz\x94\x8c\x01"
      "b\x94K\x01\x8c\x02\xc3\xa9\x94\x86\x94u."s;
  const Value root = read_bytes(around(four));

  CHECK(root.at("a").as_bytes().data == "xyz");
  CHECK(root.at("b").at(std::size_t{1}).as_string() == "é");
  CHECK(says(refusal(around("\x80\x06N.")), "protocol 6"));
  CHECK(read_bytes(around("\x80\x04\x8f\x94(K\1K\2\x90.")).as_set().size() == 2);
  CHECK(read_bytes(around("\x80\x05\x96\1\0\0\0\0\0\0\0a."s)).as_opaque().full_name() ==
        "__builtin__.bytearray");
}

TEST_CASE("every program of two operations is read or refused", "[hostile]") {
  const auto no_records = [](std::string_view) { return std::nullopt; };
  int read = 0;
  int refused = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string body{static_cast<char>(first), static_cast<char>(second), '\0', '.'};
      try {
        static_cast<void>(decode("]}(K\1" + body, no_records, {}));
        ++read;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  CHECK(read + refused == 65536);
}
