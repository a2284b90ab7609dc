#include "checkpoint/tree_archive.hpp"

#include <string>
#include <utility>

#include <ATen/core/Tensor.h>

#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

bool is_sequence(const Value& value) {
  return value.kind() == Kind::list || value.kind() == Kind::tuple;
}

Value item_of(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kBool) return tensor.item<bool>();
  if (c10::isIntegralType(tensor.scalar_type(), /*includeBool=*/false)) {
    return tensor.item<std::int64_t>();
  }
  return tensor.to(at::kDouble).item<double>();
}

List items_of(const at::Tensor& tensor) {
  List items;
  for (std::int64_t i = 0; i < tensor.size(0); ++i) items.push_back(item_of(tensor.select(0, i)));
  return items;
}

// RFC 3629, section 4: the well-formed sequences. Returns the length of the one at the front; 0 if
// there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return within(1, low, high) && within(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return within(1, low, high) && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

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

Value unsigned_value(std::uint64_t number) {
  if (std::in_range<std::int64_t>(number)) return static_cast<std::int64_t>(number);
  BigInt big;
  for (int shift = 0; shift < 64; shift += 8)
    big.data.push_back(static_cast<char>(number >> shift));
  big.data.push_back('\0');
  return big;
}

Value text_value(std::string text) {
  if (is_utf8(text)) return Value(std::move(text));
  return Bytes{std::move(text)};
}

TreeOutputArchive::TreeOutputArchive() : OutputArchive(this), open_(1) {}

void TreeOutputArchive::open() {
  open_.push_back({.own_field = std::exchange(field_, std::nullopt)});
}

void TreeOutputArchive::set_shape(Shape shape) {
  open_.back().shape = shape;
}

void TreeOutputArchive::close() {
  auto node = std::move(open_.back());
  open_.pop_back();
  field_ = std::move(node.own_field);
  switch (node.shape) {
    case Shape::fields:
    case Shape::map:
      return put(node.fields);
    case Shape::list:
      return put(List(std::move(node.items)));
    case Shape::tuple:
      return put(Tuple(std::move(node.items)));
  }
}

void TreeOutputArchive::put(Value value) {
  auto& node = open_.back();
  if (node.shape == Shape::list || node.shape == Shape::tuple) {
    field_.reset();
    node.items.push_back(std::move(value));
    return;
  }
  const auto field = std::exchange(field_, std::nullopt);
  const auto key = field ? *field : Value("value" + std::to_string(node.unnamed++));
  if (node.fields.contains(key)) {
    const bool is_version = key.kind() == Kind::string && key.as_string() == class_version_field;
    if (is_version) return;  // prologue wrote it already
    throw Error(ErrorCode::key, "two fields of one object have the name \"" +
                                    (key.kind() == Kind::string ? key.as_string() : "?") + "\"");
  }
  node.fields[key] = std::move(value);
}

TreeInputArchive::TreeInputArchive(Value tree) : InputArchive(this) {
  open_.push_back({.value = std::move(tree)});
}

void TreeInputArchive::open() {
  auto value = take();
  open_.push_back({.value = std::move(value), .label = std::exchange(label_, {})});
}

void TreeInputArchive::close() {
  open_.pop_back();
  label_.clear();
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
  return node.value.as_dict().find(Value(label_));
}

bool TreeInputArchive::next_is_absent() {
  const auto* value = peek();
  return value == nullptr || value->is_none();
}

void TreeInputArchive::skip() {
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
  if (node.value.kind() == Kind::tensor && node.value.as_tensor().sizes.size() == 1) {
    node.value = items_of(to_tensor(node.value.as_tensor()));
  }
  if (!is_sequence(node.value)) fail_kind("a list", node.value);
  return node.value.as_sequence().size();
}

const Dict& TreeInputArchive::opened_dict() const {
  const auto& value = open_.back().value;
  if (value.kind() != Kind::dict) fail_kind("a dict", value);
  return value.as_dict();
}

Value TreeInputArchive::take_number() {
  auto value = take();
  if (value.kind() != Kind::tensor || value.as_tensor().numel() != 1) return value;
  return item_of(to_tensor(value.as_tensor()));
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

std::string TreeInputArchive::take_text() {
  const auto value = take();
  if (value.kind() == Kind::bytes) return value.as_bytes().data;
  if (value.kind() != Kind::string) fail_kind("a text", value);
  return value.as_string();
}

void TreeInputArchive::fail(ErrorCode code, const std::string& cause) const {
  std::string path;
  const auto append = [&path](const std::string& label) {
    if (!path.empty() && !label.empty() && !label.starts_with('[')) path += '.';
    path += label;
  };
  for (const auto& node : open_) append(node.label);
  append(label_);
  throw Error(code, "\"" + path + "\" " + cause);
}

void TreeInputArchive::fail_kind(std::string_view wanted, const Value& found) const {
  fail(ErrorCode::type, "must be " + std::string(wanted) + ", but is of kind " +
                            std::string(to_string(found.kind())));
}

}  // namespace cairn::checkpoint
