#include "checkpoint/tree_archive.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_set>
#include <utility>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

bool is_sequence(const Value& value) {
  return value.kind() == Kind::list || value.kind() == Kind::tuple;
}

// Python's id(): nullptr for what is not a container.
const void* identity(const Value& value) {
  switch (value.kind()) {
    case Kind::list:
      return value.as_list().identity();
    case Kind::tuple:
      return value.as_tuple().identity();
    case Kind::dict:
      return value.as_dict().identity();
    default:
      return nullptr;
  }
}

bool is_reserved(const Value& key) {
  return key.kind() == Kind::string &&
         (key.as_string() == class_version_field || key.as_string() == type_field);
}

Value item_of(const at::Tensor& tensor) {
  const auto type = tensor.scalar_type();
  if (type == at::kBool) return tensor.item<bool>();
  if (type == at::kUInt64) return unsigned_value(tensor.item().toUInt64());
  if (c10::isIntegralType(type, /*includeBool=*/false)) return tensor.item<std::int64_t>();
  if (!c10::isComplexType(type)) return tensor.to(at::kDouble).item<double>();
  const auto number = tensor.to(at::kComplexDouble).item<c10::complex<double>>();
  return std::complex<double>(number.real(), number.imag());
}

List items_of(const at::Tensor& tensor) {
  List items;
  for (std::int64_t i = 0; i < tensor.size(0); ++i) items.push_back(item_of(tensor.select(0, i)));
  return items;
}

// ATen has no numbers of some types, and refuses what else a file can say of a tensor.
template <class Read>
auto numbers_of(const StoredTensor& tensor, const Read& read) {
  try {
    return read(to_tensor(tensor));
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::unsupported,
                std::string("its numbers: ") + error.what_without_backtrace());
  }
}

constexpr std::uint64_t kLeastMost = std::uint64_t{1} << 20U;
constexpr std::uint64_t kRepeats = 64;

// What a tree holds, each container and storage once. Trees can be deep: no recursion.
class Weight {
 public:
  std::uint64_t of(const Value& root) {
    add(root);
    while (!rest_.empty()) {
      const Value value = std::move(rest_.back());
      rest_.pop_back();
      if (is_sequence(value)) {
        for (const auto& item : value.as_sequence()) add(item);
        continue;
      }
      for (const auto& [key, item] : value.as_dict().items()) {
        add(key);
        add(item);
      }
    }
    return weight_;
  }

 private:
  void add(const Value& value) {
    ++weight_;
    switch (value.kind()) {
      case Kind::string:
        if (is_new(value.identity())) weight_ += value.as_string().size();
        break;
      case Kind::bytes:
        if (is_new(value.identity())) weight_ += value.as_bytes().data.size();
        break;
      case Kind::tensor: {
        const auto* storage = value.as_tensor().storage.get();
        if (storage != nullptr && is_new(storage)) weight_ += storage->nbytes;
        break;
      }
      default:
        if (identity(value) != nullptr && is_new(identity(value))) rest_.push_back(value);
    }
  }
  // What has no identity did not come from a file.
  bool is_new(const void* object) { return object == nullptr || known_.insert(object).second; }

  std::uint64_t weight_{0};
  std::vector<Value> rest_;
  std::unordered_set<const void*> known_;
};

// A BigInt that fits into 64 bits without a sign has nine bytes, the last zero, or fewer with
// leading zeros.
std::optional<std::uint64_t> to_unsigned(const BigInt& big) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < big.data.size(); ++i) {
    const auto byte = static_cast<unsigned char>(big.data[i]);
    if (i >= 8 && byte != 0) return std::nullopt;
    if (i < 8) number |= std::uint64_t{byte} << (8 * i);
  }
  const bool is_negative = !big.data.empty() && static_cast<signed char>(big.data.back()) < 0;
  if (is_negative) return std::nullopt;
  return number;
}

}  // namespace

std::string TreeReport::to_string() const {
  std::string text;
  for (const auto& path : missing) text += "missing: " + path + "\n";
  for (const auto& path : extra) text += "extra: " + path + "\n";
  return text;
}

TreeInputArchive::TreeInputArchive(Value tree, const TreeOptions& options)
    : InputArchive(this), options_(options) {
  open_.push_back({.value = std::move(tree), .is_class = false});
}

void TreeInputArchive::open() {
  auto value = take();
  open_.push_back({.value = std::move(value), .label = std::exchange(label_, {})});
}

void TreeInputArchive::close() {
  label_.clear();
  if (open_.back().is_class) note_extra(open_.back());
  open_.pop_back();
}

void TreeInputArchive::note_extra(const Node& node) {
  if (node.value.kind() != Kind::dict) return;
  const auto before = report_.extra.size();
  for (const auto& [key, value] : node.value.as_dict().items()) {
    const bool asked = std::find(node.asked.begin(), node.asked.end(), &value) != node.asked.end();
    if (asked || is_reserved(key)) continue;
    label_ = key.kind() == Kind::string ? key.as_string() : "?";
    report_.extra.push_back(path());
    count(report_.extra.back().size());
  }
  label_.clear();
  if (!options_.refuse_extra || report_.extra.size() == before) return;
  std::string names;
  for (auto i = before; i < report_.extra.size(); ++i) {
    names += (i == before ? "\"" : ", \"") + report_.extra[i] + "\"";
  }
  throw Error(ErrorCode::key, names + ": no such field in the class");
}

void TreeInputArchive::select(Value value, std::string label) {
  selected_ = std::move(value);
  label_ = std::move(label);
}

const Value* TreeInputArchive::peek() {
  if (selected_) return &*selected_;
  auto& node = open_.back();
  if (is_sequence(node.value) && !field_) {
    label_ = "[" + std::to_string(node.next) + "]";
    const auto items = node.value.as_sequence();
    return node.next < items.size() ? &items[node.next] : nullptr;
  }
  label_ = field_ ? *field_ : "value" + std::to_string(node.unnamed);
  if (node.value.kind() != Kind::dict) {
    label_.clear();
    fail_kind("a dict", node.value);
  }
  const auto* found = std::as_const(node.value.as_dict()).find(Value(label_));
  const bool is_new = node.asked.empty() || node.asked.back() != found;
  if (found != nullptr && is_new) node.asked.push_back(found);
  return found;
}

bool TreeInputArchive::skips_missing() {
  if (!options_.keep_missing || selected_ || !field_ || peek() != nullptr) return false;
  report_.missing.push_back(path());
  count(report_.missing.back().size());
  skip();
  return true;
}

std::optional<std::string> TreeInputArchive::next_type() {
  const auto* value = peek();
  if (value == nullptr || !value->contains(type_field)) return std::nullopt;
  const auto& type = value->at(type_field);
  if (type.kind() != Kind::string) fail(ErrorCode::type, "must have a text under \"__type__\"");
  return type.as_string();
}

void TreeInputArchive::check_version(std::type_index type) {
  const auto& value = open_.back().value;
  const bool has = value.contains(class_version_field);
  const auto* version = has ? &value.at(class_version_field) : nullptr;
  if (has && !version->is_none() && version->kind() != Kind::integer) {
    fail(ErrorCode::type, "must have an integer under \"cereal_class_version\"");
  }
  const auto number = has && version->kind() == Kind::integer ? version->as_int() : 0;
  const auto [known, is_new] = versions_.try_emplace(type, number);
  if (!is_new && known->second != number) {
    fail(ErrorCode::unsupported, "has version " + std::to_string(number) +
                                     " of its class, and another object version " +
                                     std::to_string(known->second));
  }
}

std::shared_ptr<void> TreeInputArchive::find_shared(std::type_index type) {
  const auto* value = peek();
  const auto* container = value == nullptr ? nullptr : identity(*value);
  const auto found = container == nullptr ? shared_.end() : shared_.find({container, type});
  return found == shared_.end() ? nullptr : found->second.object;
}

void TreeInputArchive::remember(const Value& value, std::type_index type,
                                std::shared_ptr<void> object) {
  const auto* container = identity(value);
  if (container == nullptr) return;
  shared_[{container, type}] = {.keep = value, .object = std::move(object)};
}

bool TreeInputArchive::next_is_absent() {
  const auto* value = peek();
  return value == nullptr || value->is_none();
}

// The weight of the tree is asked for only once it matters.
void TreeInputArchive::count(std::uint64_t size) {
  const auto most = std::numeric_limits<std::uint64_t>::max();
  read_ = size > most - read_ ? most : read_ + size;
  if (read_ <= std::max(kLeastMost, most_)) return;
  if (most_ == 0) {
    Weight weight;
    for (const auto& node : open_) most_ = weight.of(node.value);
    most_ = std::max(kLeastMost, most_ > most / kRepeats ? most : most_ * kRepeats);
    return count(0);
  }
  fail(ErrorCode::limit, "is of a tree that names the same values too often");
}

void TreeInputArchive::skip() {
  count(1);
  auto& node = open_.back();
  if (selected_) {
    selected_.reset();
  } else if (field_) {
    field_.reset();
  } else if (is_sequence(node.value)) {
    ++node.next;
  } else {
    ++node.unnamed;
  }
}

Value TreeInputArchive::take() {
  const auto* found = peek();
  if (found == nullptr) fail(ErrorCode::key, "is missing");
  Value value = *found;
  skip();
  return value;
}

std::size_t TreeInputArchive::sequence_size() {
  auto& node = open_.back();
  node.is_class = false;
  if (const StoredTensor* tensor = find_tensor(node.value);
      tensor != nullptr && tensor->sizes.size() == 1) {
    count(static_cast<std::uint64_t>(tensor->sizes[0]));
    node.value = with_path([&] { return numbers_of(*tensor, items_of); });
  }
  if (!is_sequence(node.value)) fail_kind("a list", node.value);
  return node.value.as_sequence().size();
}

const Dict& TreeInputArchive::opened_dict() {
  open_.back().is_class = false;
  const auto& value = open_.back().value;
  if (value.kind() != Kind::dict) fail_kind("a dict", value);
  return value.as_dict();
}

Value TreeInputArchive::take_number() {
  auto value = take();
  const StoredTensor* tensor = find_tensor(value);
  if (tensor == nullptr || tensor->numel() != 1) return value;
  return with_path([&] { return numbers_of(*tensor, item_of); });
}

bool TreeInputArchive::take_bool() {
  const auto value = take_number();
  if (value.kind() != Kind::boolean) fail_kind("a bool", value);
  return value.as_bool();
}

std::int64_t TreeInputArchive::take_signed(std::int64_t least, std::int64_t most) {
  const auto value = take_number();
  if (value.kind() == Kind::big_integer) fail(ErrorCode::type, "is an integer that does not fit");
  if (value.kind() != Kind::integer) fail_kind("an integer", value);
  const auto number = value.as_int();
  if (number < least || number > most) {
    fail(ErrorCode::type, "is " + std::to_string(number) + ", which does not fit");
  }
  return number;
}

std::uint64_t TreeInputArchive::take_unsigned(std::uint64_t most) {
  const auto value = take_number();
  std::optional<std::uint64_t> number;
  if (value.kind() == Kind::integer && value.as_int() >= 0) {
    number = static_cast<std::uint64_t>(value.as_int());
  } else if (value.kind() == Kind::big_integer) {
    number = to_unsigned(value.as_big_int());
  } else if (value.kind() != Kind::integer) {
    fail_kind("an integer", value);
  }
  if (!number || *number > most) fail(ErrorCode::type, "is an integer that does not fit");
  return *number;
}

double TreeInputArchive::take_real() {
  const auto value = take_number();
  if (value.kind() != Kind::real && value.kind() != Kind::integer) fail_kind("a number", value);
  return value.as_double();
}

std::complex<double> TreeInputArchive::take_complex() {
  const auto value = take_number();
  const bool is_real = value.kind() == Kind::real || value.kind() == Kind::integer;
  if (!is_real && value.kind() != Kind::complex) fail_kind("a complex number", value);
  return value.as_complex();
}

std::string TreeInputArchive::take_text() {
  const auto value = take();
  if (value.kind() != Kind::bytes && value.kind() != Kind::string) fail_kind("a text", value);
  const auto& text = value.kind() == Kind::bytes ? value.as_bytes().data : value.as_string();
  count(text.size());
  return text;
}

std::string TreeInputArchive::path() const {
  std::string path;
  const auto append = [&path](const std::string& label) {
    if (!path.empty() && !label.empty() && !label.starts_with('[')) path += '.';
    path += label;
  };
  for (const auto& node : open_) append(node.label);
  append(label_);
  return path;
}

void TreeInputArchive::fail(ErrorCode code, const std::string& cause) const {
  throw Error(code, "\"" + path() + "\" " + cause);
}

void TreeInputArchive::fail_kind(std::string_view wanted, const Value& found) const {
  fail(ErrorCode::type, "must be " + std::string(wanted) + ", but is of kind " +
                            std::string(to_string(found.kind())));
}

}  // namespace cairn::checkpoint
