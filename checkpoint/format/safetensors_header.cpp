#include "checkpoint/format/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/safetensors_json.hpp"

namespace cairn::checkpoint::format {
namespace {

struct Type {
  std::string_view name;
  DType dtype;
  std::uint64_t bits;
};

// The order of `enum Dtype` in safetensors/src/tensor.rs, by which its writer sorts. F6_E2M3 and
// F6_E3M2, which come behind F4, are not among torch's types.
constexpr std::array kTypes{
    Type{"BOOL", DType::boolean, 8},
    Type{"F4", DType::float4_e2m1fn_x2, 4},
    Type{"U8", DType::uint8, 8},
    Type{"I8", DType::int8, 8},
    Type{"F8_E5M2", DType::float8_e5m2, 8},
    Type{"F8_E4M3", DType::float8_e4m3fn, 8},
    Type{"F8_E8M0", DType::float8_e8m0fnu, 8},
    Type{"F8_E4M3FNUZ", DType::float8_e4m3fnuz, 8},
    Type{"F8_E5M2FNUZ", DType::float8_e5m2fnuz, 8},
    Type{"I16", DType::int16, 16},
    Type{"U16", DType::uint16, 16},
    Type{"F16", DType::float16, 16},
    Type{"BF16", DType::bfloat16, 16},
    Type{"I32", DType::int32, 32},
    Type{"U32", DType::uint32, 32},
    Type{"F32", DType::float32, 32},
    Type{"C64", DType::complex64, 64},
    Type{"F64", DType::float64, 64},
    Type{"I64", DType::int64, 64},
    Type{"U64", DType::uint64, 64},
};

const Type& type_named(const std::string& name, const std::string& tensor) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&name](const Type& type) { return type.name == name; });
  if (found == kTypes.end()) {
    throw Error(ErrorCode::unsupported, "tensor '" + tensor + "' has elements of type '" +
                                            name.substr(0, 32) + "', which torch has not");
  }
  return *found;
}

[[noreturn]] void corrupt(const std::string& tensor, const std::string& what) {
  throw Error(ErrorCode::corrupt, "tensor '" + tensor + "' " + what);
}

// The bytes of that many elements, with every overflow checked.
std::uint64_t size_in_bytes(const SafetensorsInfo& info, const Type& type) {
  std::uint64_t bits = 1;
  for (const std::uint64_t size : info.shape) {
    if (__builtin_mul_overflow(bits, size, &bits))
      corrupt(info.name, "has more elements than 64 bits can count");
  }
  if (__builtin_mul_overflow(bits, type.bits, &bits))
    corrupt(info.name, "has more elements than 64 bits can count");
  if (bits % 8 != 0) corrupt(info.name, "ends within a byte");
  return bits / 8;
}

// Sizes as torch counts them. A dimension of zero hides what the others multiply to, but strides
// are made of them.
std::vector<std::int64_t> torch_sizes(const SafetensorsInfo& info, const Type& type) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(info.shape.size());
  std::int64_t stride = 1;
  for (const std::uint64_t size : info.shape) {
    if (!std::in_range<std::int64_t>(size) ||
        __builtin_mul_overflow(stride, std::max<std::int64_t>(static_cast<std::int64_t>(size), 1),
                               &stride)) {
      corrupt(info.name, "has sizes beyond 64 bits");
    }
    sizes.push_back(static_cast<std::int64_t>(size));
  }
  if (type.bits < 8) {
    if (sizes.back() % 2 != 0) {
      throw Error(ErrorCode::unsupported, "tensor '" + info.name +
                                              "' has an odd number of 4-bit elements in a row, "
                                              "which torch can't pair");
    }
    sizes.back() /= 2;
  }
  return sizes;
}

SafetensorsEntry make_entry(SafetensorsInfo info, std::uint64_t expected_begin) {
  const Type& type = type_named(info.dtype, info.name);
  if (info.begin != expected_begin || info.end < info.begin) {
    corrupt(info.name, "lies at " + std::to_string(info.begin) + " to " + std::to_string(info.end) +
                           ", not from " + std::to_string(expected_begin) + " on");
  }
  const std::uint64_t size = size_in_bytes(info, type);
  if (info.end - info.begin != size) {
    corrupt(info.name, "has " + std::to_string(info.end - info.begin) + " bytes, and its shape " +
                           std::to_string(size));
  }
  std::vector<std::int64_t> sizes = torch_sizes(info, type);
  return {.name = std::move(info.name),
          .dtype = type.dtype,
          .sizes = std::move(sizes),
          .begin = info.begin,
          .end = info.end};
}

std::string quoted(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw Error(ErrorCode::type, "a name or metadata that is not UTF-8");
  }
}

std::string entry_json(const SafetensorsEntry& entry) {
  const Type& type = kTypes.at(safetensors_rank(entry.dtype).value());
  std::string shape;
  for (std::size_t d = 0; d < entry.sizes.size(); ++d) {
    const bool pairs = type.bits < 8 && d + 1 == entry.sizes.size();
    if (d > 0) shape += ',';
    shape += std::to_string(entry.sizes[d] * (pairs ? 2 : 1));
  }
  return quoted(entry.name) + R"(:{"dtype":")" + std::string(type.name) + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + std::to_string(entry.begin) + ',' + std::to_string(entry.end) +
         "]}";
}

}  // namespace

std::optional<std::size_t> safetensors_rank(DType dtype) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [dtype](const Type& type) { return type.dtype == dtype; });
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kTypes.begin());
}

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_size) {
  SafetensorsJson json = read_safetensors_json(text);
  std::stable_sort(json.infos.begin(), json.infos.end(),
                   [](const SafetensorsInfo& left, const SafetensorsInfo& right) {
                     return std::pair(left.begin, left.end) < std::pair(right.begin, right.end);
                   });
  SafetensorsHeader header{.metadata = std::move(json.metadata)};
  header.entries.reserve(json.infos.size());
  std::uint64_t end = 0;
  for (SafetensorsInfo& info : json.infos) {
    header.entries.push_back(make_entry(std::move(info), end));
    end = header.entries.back().end;
  }
  if (end != data_size) {
    throw Error(ErrorCode::corrupt, "the tensors end at " + std::to_string(end) + ", and " +
                                        std::to_string(data_size) +
                                        " bytes of data follow the header");
  }
  return header;
}

std::string write_safetensors_header(const SafetensorsHeader& header) {
  std::string json = "{";
  if (!header.metadata.empty()) {
    json += R"("__metadata__":{)";
    for (const auto& [name, value] : header.metadata) {
      if (json.back() != '{') json += ',';
      json += quoted(name) + ':' + quoted(value);
    }
    json += '}';
  }
  for (const SafetensorsEntry& entry : header.entries) {
    if (json.size() > 1) json += ',';
    json += entry_json(entry);
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  if (json.size() > kMaxSafetensorsHeader) {
    throw Error(ErrorCode::limit, "names and metadata take " + std::to_string(json.size()) +
                                      " bytes, and a safetensors header at most 100000000");
  }
  std::string text;
  put_integer(text, json.size(), kSafetensorsLength);
  return text += json;
}

}  // namespace cairn::checkpoint::format
