// The pickle machine: operations that do not exist, stacks, kinds, lengths, the memo, the end.
#include <array>
#include <string_view>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle_cases.hpp"
#include "tests/hostile/zip_image.hpp"

namespace hostile {
namespace {

using namespace pickle;
using namespace std::string_literals;

struct Named {
  const char* name{""};
  Ops ops{};
};

// Operations of pickle that only make sense with code, or that torch never writes.
constexpr std::array kForbidden{

    std::pair{'1', "POP_MARK"},
    std::pair{'2', "DUP"},
    std::pair{'F', "FLOAT"},
    std::pair{'I', "INT"},
    std::pair{'L', "LONG"},
    std::pair{'P', "PERSID"},
    std::pair{'S', "STRING"},
    std::pair{'T', "BINSTRING"},
    std::pair{'V', "UNICODE"},
    std::pair{'d', "DICT"},
    std::pair{'g', "GET"},
    std::pair{'i', "INST"},
    std::pair{'l', "LIST"},
    std::pair{'o', "OBJ"},
    std::pair{'p', "PUT"},
    std::pair{'\x82', "EXT1"},
    std::pair{'\x83', "EXT2"},
    std::pair{'\x84', "EXT4"},

    std::pair{'\x97', "NEXT_BUFFER"},
    std::pair{'\x98', "READONLY_BUFFER"},
};

const std::string kNoSuch = ", which checkpoints (protocols 2 to 5) do not have";

// What has a meaning as data.
constexpr std::string_view kData =
    "(.0GJKMNQRUXabcehjqrstu)]}"
    "BC\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96";

std::string name_of(unsigned char op) {
  for (const auto& [known, name] : kForbidden) {
    if (static_cast<unsigned char>(known) == op) return name;
  }
  return "unknown " + std::to_string(op);
}

// A value of each kind that is no list, with what messages call it.
std::vector<Named> values() {
  return {{"None", kNone},
          {"bool", kTrue},
          {"int", integer(7)},
          {"int beyond 64 bits", "\x8a\x09" + std::string(9, '\1')},
          {"float", "G" + std::string(8, '\0')},
          {"str", text("s")},
          {"bytes", "C\1b"s},
          {"list", kEmptyList},
          {"tuple", tuple({integer(1)})},
          {"dict", kEmptyDict},
          {"tensor", Tensor{}.ops()}};
}

}  // namespace

HostileFile hostile_pickle(const std::string& name, const std::string& rule, const Ops& body,
                           ErrorCode code) {
  const Ops ops = whole(body);
  return {.name = name,
          .bytes = archive_around(ops),
          .code = code,
          .rule = rule,
          .options = {.unknown = cairn::checkpoint::Unknown::refuse},
          .pickle = ops};
}

Files opcodes() {
  Files files;
  for (unsigned op = 0; op < 256; ++op) {
    const char byte = static_cast<char>(op);
    if (kData.find(byte) != std::string_view::npos) continue;
    const Ops body = "}(" + text("a") + byte + "K\1u";
    files.push_back(
        hostile_pickle("opcode " + name_of(static_cast<unsigned char>(op)),
                       "pickle operation " + std::to_string(op) + kNoSuch + " at root['a']", body,
                       ErrorCode::unsupported));
  }
  files.push_back(hostile_pickle("PROTO in the middle", "a PROTO in the middle", "N\x80\x02"));
  files.push_back(hostile_pickle("PROTO twice", "a PROTO in the middle", "\x80\x02N"));
  for (const int version : {6, 7, 255}) {
    HostileFile file{.name = "protocol " + std::to_string(version),
                     .bytes = archive_around("\x80"s + static_cast<char>(version) + "N."),
                     .code = ErrorCode::unsupported,
                     .rule = "pickle protocol " + std::to_string(version)};
    files.push_back(std::move(file));
  }
  return files;
}

Files lengths() {
  Files files;
  const auto add = [&files](const std::string& name, const Ops& body) {
    files.push_back(hostile_pickle(name, "the pickle ends early", body));
  };
  for (const auto& [op, name, width] :
       {std::tuple{'X', "BINUNICODE", 4U}, std::tuple{'\x8d', "BINUNICODE8", 8U},
        std::tuple{'\x8c', "SHORT_BINUNICODE", 1U}, std::tuple{'U', "SHORT_BINSTRING", 1U},
        std::tuple{'B', "BINBYTES", 4U}, std::tuple{'\x8e', "BINBYTES8", 8U},
        std::tuple{'C', "SHORT_BINBYTES", 1U}, std::tuple{'\x8a', "LONG1", 1U},
        std::tuple{'\x8b', "LONG4", 4U}}) {
    const std::uint64_t most = width == 8 ? ~0ULL : (1ULL << (8 * width)) - 1;
    add(std::string(name) + " of the greatest length", op + little_endian(most, width) + "abc");
    add(std::string(name) + " of half that length", op + little_endian(most / 2, width) + "abc");
    add(std::string(name) + " a byte too long", op + little_endian(5, width) + "abc");
    add(std::string(name) + " with half a length", op + std::string(width - 1, '\1'));
  }
  for (const auto& [op, name, width] :
       {std::tuple{'G', "BINFLOAT", 8U}, std::tuple{'J', "BININT", 4U},
        std::tuple{'M', "BININT2", 2U}, std::tuple{'j', "LONG_BINGET", 4U},
        std::tuple{'\x95', "FRAME", 8U}}) {
    add(std::string(name) + " without its last byte", op + std::string(width - 2, '\1'));
  }
  add("GLOBAL without a newline", "cos");
  add("GLOBAL with one newline", "cos\nsystem");
  add("GLOBAL with a megabyte and no newline", "c" + std::string(1 << 20, 'm'));
  const auto not_utf8 = [&files](const std::string& name, const std::string& bytes) {
    files.push_back(hostile_pickle("a str: " + name, "a str that is not UTF-8", text(bytes)));
  };
  not_utf8("FF", "\xff");
  not_utf8("a continuation first", "\x80");
  not_utf8("cut in the middle", "\xe2\x82");
  not_utf8("a NUL in two bytes", "\xc0\x80");
  not_utf8("a slash in three bytes", "\xe0\x80\xaf");
  not_utf8("beyond U+10FFFF", "\xf4\x90\x80\x80");
  not_utf8("five bytes", "\xf8\x88\x80\x80\x80");
  files.push_back(hostile_pickle("a frame longer than the pickle", "a frame longer than",
                                 "\x95" + little_endian(1000, 8) + "N"));
  files.push_back(hostile_pickle("a frame of 2^64 - 1 bytes", "a frame longer than",
                                 "\x95" + little_endian(~0ULL, 8) + "N"));
  return files;
}

Files stacks() {
  Files files;
  const std::string few = "takes more values than it has made";
  const std::string no_mark = "without the MARK";
  for (const Named& op : std::initializer_list<Named>{{"APPEND", "a"},
                                                      {"SETITEM", "s"},
                                                      {"TUPLE1", "\x85"},
                                                      {"TUPLE2", "\x86"},
                                                      {"TUPLE3", "\x87"},
                                                      {"REDUCE", "R"},
                                                      {"NEWOBJ", "\x81"},
                                                      {"BUILD", "b"},
                                                      {"BINPERSID", "Q"},
                                                      {"STACK_GLOBAL", "\x93"},
                                                      {"BINPUT", "q\1"},
                                                      {"LONG_BINPUT", "r\1\0\0\0"s},
                                                      {"MEMOIZE", "\x94"}}) {
    const std::string name(op.name);
    files.push_back(hostile_pickle(name + " of nothing", few, op.ops));
    files.push_back(hostile_pickle(name + " across a mark", few, "]]](" + op.ops));
  }
  for (const Named& op :
       std::initializer_list<Named>{{"APPENDS", "e"}, {"SETITEMS", "u"}, {"TUPLE", "t"}}) {
    files.push_back(
        hostile_pickle(std::string(op.name) + " without a mark", no_mark, kEmptyList + op.ops));
    files.push_back(hostile_pickle(std::string(op.name) + " after its mark went", no_mark,
                                   kEmptyList + "(t" + op.ops));
  }
  files.push_back(hostile_pickle("APPENDS to nothing", few, "(Ne"));
  files.push_back(hostile_pickle("SETITEMS of nothing", few, "(NNu"));
  files.push_back(hostile_pickle("APPENDS across a mark", few, "]((Ne"));
  files.push_back(hostile_pickle("SETITEMS of three values", "a key without a value", "}(NNNu"));
  files.push_back(hostile_pickle("APPEND of one value", few, "Na"));
  files.push_back(hostile_pickle("SETITEM of two values", few, "NNs"));
  files.push_back(hostile_pickle("TUPLE3 of two values", few, "NN\x87"));
  files.push_back(
      hostile_pickle("a million marks", "does not end in one value", repeat("(", 1'000'000) + "N"));
  return files;
}

Files kinds() {
  Files files;
  const auto add = [&files](const std::string& name, const std::string& rule, const Ops& body,
                            ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
  };
  for (const auto& [kind, ops] : values()) {
    const std::string name(kind);
    const std::string target = "a " + name;
    if (name != "list") {
      add("APPEND to " + name, "items appended to " + target, ops + "Na");
      add("APPENDS to " + name, "items appended to " + target, ops + "(NNe");
    }
    if (name != "dict") {
      add("SETITEM in " + name, "keys set in " + target, ops + "NNs");
      add("SETITEMS in " + name, "keys set in " + target, ops + "(NNu");
    }
    add("BUILD on " + name, "attributes of " + target, ops + "}b", ErrorCode::unsupported);
    if (name != "dict")
      add("BUILD of an OrderedDict with " + name, "attributes of a dict",
          ordered_dict() + ops + "b", ErrorCode::unsupported);
    {
      add("REDUCE of " + name, "a call of a " + name, ops + ")R");
      add("NEWOBJ of " + name, "a call of a " + name, ops + ")\x81");
    }
    if (name != "tuple")
      add("REDUCE with the argument " + name, "a call without arguments",
          global("torch", "Size") + ops + "R");
    add("BINPERSID of " + name, "a reference to what is no storage", ops + "Q");
  }
  for (const auto& [kind, ops] : values()) {
    const std::string name(kind);
    if (name == "str") continue;
    HostileFile file = hostile_pickle("STACK_GLOBAL of " + name, "expected str",
                                      ops + text("x") + "\x93", ErrorCode::type);
    files.push_back(std::move(file));
  }
  return files;
}

Files memo() {
  Files files;
  const auto add = [&files](const std::string& name, const std::string& rule, const Ops& body,
                            ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
  };
  const std::string absent = "a reference to a value that does not exist";
  add("BINGET of nothing", absent, "h\0"s);
  add("BINGET of another number", absent, "Nq\1h\2");
  add("BINGET of what comes later", absent, "h\1Nq\1");
  add("LONG_BINGET of the greatest number", absent, get(~0U));
  add("LONG_BINGET of one more than there is", absent, "]" + put(0) + get(1));
  add("BINPUT of a mark", "takes more values", "(q\1");
  add("a memo of 2^32 - 1", "a memo number", "N" + put(~0U));
  add("a memo number far beyond the pickle", "a memo number", "N" + put(1'000'000));
  // 2^40 references of references are a small file and a small tree, but no tree of 2^40 leaves.
  Ops lists = "]" + put(0);
  for (std::uint32_t i = 0; i < 40; ++i) lists += "](" + get(i) + get(i) + "e" + put(i + 1);
  add("40 levels of lists shared twice, and a key", "a list can't be a key", "}(" + lists + "tNs",
      ErrorCode::type);
  add("40 levels of lists shared twice, in two", "does not end in one value", "N" + lists);
  return files;
}

Files endings() {
  Files files;
  const auto add = [&files](const std::string& name, const std::string& rule, const Ops& body,
                            ErrorCode code = ErrorCode::corrupt) {
    files.push_back(hostile_pickle(name, rule, body, code));
  };
  add("a second pickle", "bytes after the end of the pickle", "N.\x80\x02N");
  add("a second STOP", "bytes after the end of the pickle", "N.");
  add("a newline behind STOP", "bytes after the end of the pickle", "N.\n");
  add("a megabyte of zeros behind STOP", "bytes after the end", "N." + std::string(1 << 20, '\0'));
  add("STOP with nothing", "does not end in one value", "");
  add("STOP with two values", "does not end in one value", "NN");
  add("STOP with a mark", "does not end in one value", "N(");
  add("STOP below a mark", "does not end in one value", "(N");
  for (const Ops& body : {""s, "N"s, Tensor{}.ops()}) {
    HostileFile file{.name = "no STOP after " + std::to_string(body.size()) + " bytes",
                     .bytes = archive_around("\x80\x02" + body),
                     .rule = "the pickle ends early"};
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace hostile
