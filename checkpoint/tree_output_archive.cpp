// The archive that writes a tree.
#include <string>
#include <utility>

#include "checkpoint/tree_archive.hpp"

namespace cairn::checkpoint {
namespace {

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
  if (type_) open_.back().fields[Value(type_field)] = *std::exchange(type_, std::nullopt);
}

void TreeOutputArchive::set_shape(Shape shape) {
  auto& node = open_.back();
  const bool lists = shape == Shape::list || shape == Shape::tuple;
  if (lists && node.fields.contains(Value(type_field))) {
    throw Error(ErrorCode::unsupported,
                "cereal tree: " + node.fields.at(Value(type_field)).as_string() +
                    " is stored as a list, which has no place for the name of its class");
  }
  node.shape = shape;
}

void TreeOutputArchive::close() {
  auto node = std::move(open_.back());
  open_.pop_back();
  field_ = std::move(node.own_field);
  switch (node.shape) {
    case Shape::fields:
    case Shape::map:
      last_ = node.fields;
      break;
    case Shape::list:
      last_ = List(std::move(node.items));
      break;
    case Shape::tuple:
      last_ = Tuple(std::move(node.items));
      break;
  }
  put(last_);
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

bool TreeOutputArchive::put_shared(const void* object, std::type_index type) {
  if (in_progress_.contains({object, type})) {
    throw Error(ErrorCode::unsupported,
                "cereal tree: an object that holds a pointer to itself can't be stored");
  }
  const auto found = shared_.find({object, type});
  if (found == shared_.end()) return false;
  put(found->second.value);
  return true;
}

void TreeOutputArchive::begin_shared(const void* object, std::type_index type) {
  last_ = nullptr;
  in_progress_.insert({object, type});
}

void TreeOutputArchive::end_shared(const std::shared_ptr<const void>& object, const void* address,
                                   std::type_index type) {
  in_progress_.erase({address, type});
  if (!last_.is_none()) shared_[{address, type}] = {.keep = object, .value = last_};
}

}  // namespace cairn::checkpoint
