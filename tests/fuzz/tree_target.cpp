// Any bytes as a data.pkl of a user's objects: they are refused, with the path of what does not
// fit, or read as objects that are the same after they were written and read again. What follows
// ".DATA:" is the memory of the tensors.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/format/decoder.hpp"
#include "checkpoint/format/error.hpp"
#include "tests/fuzz/tree_objects.hpp"
#include "tests/fuzz/tree_same.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

constexpr std::string_view kData = ".DATA:";

// Records of 0 to 512 bytes, so that each type of storage has one that fits.
std::optional<std::uint64_t> storage_size(std::string_view key) {
  if (key.size() != 1 || key[0] < '0' || key[0] > '9') return std::nullopt;
  return key[0] == '0' ? 16 : std::uint64_t{1} << static_cast<unsigned>(key[0] - '0');
}

Value decoded(std::string_view input) {
  const auto split = input.find(kData);
  const bool has_data = split != std::string_view::npos;
  const auto pickle = has_data ? input.substr(0, split + 1) : input;
  const auto data = has_data ? input.substr(split + kData.size()) : std::string_view();
  const Decoded decoded = decode(pickle, storage_size, {.max_depth = 100});
  for (const auto& [key, storage] : decoded.storages) {
    auto memory = std::make_shared<std::string>(data.substr(0, storage->nbytes));
    memory->resize(storage->nbytes, '\1');
    storage->data = reinterpret_cast<std::byte*>(memory->data());
    storage->owner = std::move(memory);
  }
  return decoded.root;
}

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void check_object(const Value& tree, const TreeOptions& options) {
  T object{};
  try {
    from_tree(tree, object, "it", options);
  } catch (const Error& error) {
    require(std::string_view(error.what()).starts_with("\"it"));
    return;
  }
  T again{};
  const TreeReport report = from_tree(to_tree(object), again, "it", {.refuse_extra = true});
  require(report.ok() && fuzz_tree::Same()(object, again));
}

void check_binary(const Value& tree) {
  const BinaryOptions options{.name = "Blob"};
  fuzz_tree::Blob object;
  try {
    from_binary(tree, object, options);
  } catch (const Error&) {
    return;
  }
  fuzz_tree::Blob again;
  from_binary(to_binary(object, options), again, options);
  require(fuzz_tree::Same()(object, again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Value root;
  try {
    root = decoded({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
    return 0;
  }
  check_object<fuzz_tree::Everything>(root, {.keep_missing = true});
  check_object<fuzz_tree::Node>(root, {});
  check_binary(root);
  return 0;
}
