// Files that are no safetensors, or damaged: refused as the safetensors library refuses them.
#include "checkpoint/format/safetensors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/recorded_memory.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;

namespace {

// The length in front is right.
std::string with_header(const std::string& header, std::size_t data = 0) {
  std::string file;
  for (unsigned shift = 0; shift < 64; shift += 8)
    file += static_cast<char>((header.size() >> shift) & 0xFFU);
  return file + header + std::string(data, '\1');
}

// "corrupt: why", without the URL; empty if the file is read.
std::string refused(const std::string& content) {
  const test::RecordedMemory memory;
  const vfs::Path path("a");
  memory.files.write(path, content);
  try {
    static_cast<void>(format::load_safetensors(memory.files, path));
  } catch (const Error& error) {
    const std::string_view prefix = "load memory:a: ";
    const std::string_view text = error.what();
    REQUIRE(text.starts_with(prefix));
    return std::string(to_string(error.code())) + ": " + std::string(text.substr(prefix.size()));
  }
  return {};
}

std::string refused_header(const std::string& header, std::size_t data = 0) {
  return refused(with_header(header, data));
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + offsets + "]}";
}

}  // namespace

TEST_CASE("lengths and first bytes of a safetensors file are checked", "[safetensors]") {
  CHECK(refused("") == "corrupt: shorter than a safetensors file can be");
  CHECK(refused("1234567") == "corrupt: shorter than a safetensors file can be");
  CHECK(contains(refused(std::string(8, '\0')), "corrupt: the header does not begin with '{'"));
  CHECK(contains(refused(std::string("\x10\0\0\0\0\0\0\0{}", 10)), "goes beyond the end"));
  CHECK(contains(refused(std::string(8, '\xFF') + "{}"), "goes beyond the end"));
  CHECK(contains(refused(with_header("[]")), "unsupported: not a safetensors file"));
  CHECK(contains(refused(with_header(" {}")), "unsupported: not a safetensors file"));
  CHECK(contains(refused(format::golden("tensor")), "unsupported: a zip (of torch.save, perhaps)"));
  CHECK(refused_header("{}").empty());
  CHECK(refused_header("{}  \n\t").empty());
}

TEST_CASE("a header of more than 100 million bytes is not read", "[safetensors]") {
  CHECK(contains(refused_header("{" + std::string(100'000'000, ' ')),
                 "limit: the header has 100000001 bytes"));
}

TEST_CASE("what is not JSON is refused with its place", "[safetensors]") {
  CHECK(refused_header("{,}") == "corrupt: the header is not JSON from its byte 2 on");
  CHECK(contains(refused_header("{} {}"), "is not JSON"));
  CHECK(contains(refused_header("{\"\xFF\":1}"), "is not JSON"));
  CHECK(contains(refused_header(R"({"\ud800":1})"), "is not JSON"));
  CHECK(contains(refused_header(std::string("{}\0", 3)), "a byte of zero"));
  CHECK(contains(refused_header(std::string("{}\0{}", 5)), "a byte of zero"));
}

TEST_CASE("names and fields that come twice are refused", "[safetensors]") {
  const std::string one = tensor("a", "U8", "1", "0,1");
  CHECK(contains(refused_header("{" + one + "," + one + "}", 1), "has 'a' twice"));
  CHECK(contains(refused_header(R"({"__metadata__":{},"__metadata__":{}})"),
                 "has '__metadata__' twice"));
  CHECK(contains(refused_header(R"({"__metadata__":{"k":"1","k":"2"}})"),
                 "has 'k' of '__metadata__' twice"));
  CHECK(contains(
      refused_header(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1),
      "has 'dtype' of 'a' twice"));
}

TEST_CASE("fields are there and of their kind", "[safetensors]") {
  CHECK(contains(refused_header(R"({"a":{"shape":[],"data_offsets":[0,1]}})", 1), "no 'dtype'"));
  CHECK(contains(refused_header(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1), "no 'shape'"));
  CHECK(contains(refused_header(R"({"a":{"dtype":"U8","shape":[]}})", 1), "no 'data_offsets'"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "1", "0") + "}", 1), "not two"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "1", "0,1,1") + "}", 1), "not two"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "1.0", "0,1") + "}", 1), "a fraction"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "-1", "0,1") + "}", 1), "a negative"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "-0", "0,0") + "}"), "a negative"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "\"1\"", "0,1") + "}", 1), "has text for"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "[1]", "0,1") + "}", 1), "an array for"));
  CHECK(contains(refused_header("{" + tensor("a", "U8", "18446744073709551616", "0,1") + "}", 1),
                 "beyond 64 bits"));
  CHECK(contains(refused_header(R"({"a":{"dtype":3,"shape":[],"data_offsets":[0,1]}})", 1),
                 "has a number for 'dtype' of 'a'"));
  CHECK(contains(refused_header(R"({"a":[]})"), "has an array for 'a'"));
  CHECK(contains(refused_header(R"({"a":null})"), "has null for 'a'"));
}

TEST_CASE("metadata of safetensors are text", "[safetensors]") {
  CHECK(contains(refused_header(R"({"__metadata__":{"k":1}})"), "has a number for 'k'"));
  CHECK(contains(refused_header(R"({"__metadata__":{"k":null}})"), "has null for 'k'"));
  CHECK(contains(refused_header(R"({"__metadata__":{"k":{}}})"), "has an object for 'k'"));
  CHECK(contains(refused_header(R"({"__metadata__":"x"})"), "has text for '__metadata__'"));
  CHECK(refused_header(R"({"__metadata__":null})").empty());
}

TEST_CASE("unknown fields of a tensor are skipped, but not to any depth", "[safetensors]") {
  const auto with = [](const std::string& value) {
    return R"({"a":{"dtype":"U8","new":)" + value + R"(,"shape":[1],"data_offsets":[0,1]}})";
  };
  CHECK(refused_header(with(R"({"dtype":[1,-2,3.5,null,true,"x",{"shape":{}}]})"), 1).empty());
  CHECK(refused_header(with(std::string(125, '[') + std::string(125, ']')), 1).empty());
  CHECK(contains(refused_header(with(std::string(126, '[') + std::string(126, ']')), 1),
                 "deeper than 127 levels"));
}

TEST_CASE("the tensors fill the data without holes, overlaps or a rest", "[safetensors]") {
  const std::string first = tensor("a", "U8", "2", "0,2");
  const auto both = [&first](const std::string& offsets) {
    return "{" + first + "," + tensor("b", "U8", "2", offsets) + "}";
  };
  CHECK(refused_header(both("2,4"), 4).empty());
  CHECK(contains(refused_header(both("3,5"), 5), "tensor 'b' lies at 3 to 5, not from 2 on"));
  CHECK(contains(refused_header(both("1,3"), 3), "tensor 'b' lies at 1 to 3, not from 2 on"));
  CHECK(contains(refused_header(both("0,2"), 4), "lies at 0 to 2, not from 2 on"));
  CHECK(contains(refused_header(both("2,4"), 5), "end at 4, and 5 bytes"));
  CHECK(contains(refused_header(both("2,4"), 3), "end at 4, and 3 bytes"));
  CHECK(contains(refused_header("{" + tensor("b", "U8", "0", "1,0") + "}", 1), "lies at 1 to 0"));
  CHECK(contains(refused_header("{}", 1), "end at 0, and 1 bytes"));
}

TEST_CASE("shapes that overflow, or do not fit their bytes, are refused", "[safetensors]") {
  const auto why = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets, std::size_t data) {
    return refused_header("{" + tensor("a", dtype, shape, offsets) + "}", data);
  };
  CHECK(contains(why("F32", "2", "0,4", 4), "has 4 bytes, and its shape 8"));
  CHECK(contains(why("U8", "4294967296,4294967296", "0,0", 0), "64 bits can count"));
  CHECK(contains(why("U8", "4294967296,4294967296,0", "0,0", 0), "64 bits can count"));
  CHECK(contains(why("U8", "0,4294967296,4294967296", "0,0", 0), "sizes beyond 64 bits"));
  CHECK(contains(why("U8", "0,18446744073709551615", "0,0", 0), "sizes beyond 64 bits"));
  CHECK(contains(why("U64", "4611686018427387904", "0,0", 0), "64 bits can count"));
  CHECK(contains(why("F4", "3", "0,1", 1), "ends within a byte"));
  CHECK(contains(why("F4", "2,3", "0,3", 3), "unsupported: tensor 'a' has an odd number"));
  CHECK(contains(why("F4", "", "0,0", 0), "ends within a byte"));
  CHECK(why("F4", "0", "0,0", 0).empty());
}

TEST_CASE("element types that torch has not are named", "[safetensors]") {
  CHECK(refused_header("{" + tensor("a", "F6_E2M3", "4", "0,3") + "}", 3) ==
        "unsupported: tensor 'a' has elements of type 'F6_E2M3', which torch has not");
  CHECK(contains(refused_header("{" + tensor("a", "f32", "1", "0,4") + "}", 4), "type 'f32'"));
}

TEST_CASE("a tensor that is not there is named with the nearest one", "[safetensors]") {
  const test::RecordedMemory memory;
  const vfs::Path path("a");
  memory.files.write(path, with_header("{" + tensor("fc.weight", "U8", "1", "0,1") + "}", 1));
  const std::vector<std::string> names{"fc.weigth"};

  CHECK_THROWS_WITH(format::SafetensorsFile(memory.files, path).load(names),
                    "load memory:a: no key 'fc.weigth'; did you mean 'fc.weight'?");
}
