// cereal archives that write and read a tree of plain data instead of bytes: a class becomes a
// dict, a container a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cereal/cereal.hpp>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

inline constexpr std::string_view class_version_field = "cereal_class_version";

/// Fields keep the names of make_nvp (CEREAL_NVP); those without are "value0", "value1", … as in
/// cereal's JSON. Not thread-safe.
class CAIRN_API TreeOutputArchive : public cereal::OutputArchive<TreeOutputArchive>,
                                    public cereal::traits::TextArchive {
 public:
  TreeOutputArchive();

  /// A dict of what was written.
  [[nodiscard]] Value tree() const { return open_.front().fields; }

  // The rest is for the functions of tree_types.hpp.
  enum class Shape { fields, map, list, tuple };
  void open();                  ///< a class or container: what it holds follows
  void set_shape(Shape shape);  ///< of what was opened last
  void close();
  void set_field(std::string_view name) { field_ = Value(name); }
  void set_key(Value key) { field_ = std::move(key); }
  /// Under the field's name, or as the next item. Throws Error(key) for a second field of the same
  /// name.
  void put(Value value);

 private:
  struct Node {
    Shape shape{Shape::fields};
    Dict fields{};
    std::vector<Value> items{};
    std::uint32_t unnamed{0};
    std::optional<Value> own_field{};  // where the node itself goes
  };

  std::vector<Node> open_;
  std::optional<Value> field_;
};

/// Reads by name, in any order; fields that nobody asks for are ignored. A missing field is
/// Error(key), one of another kind Error(type); both name the path: "my_state.ema.step". Not
/// thread-safe.
class CAIRN_API TreeInputArchive : public cereal::InputArchive<TreeInputArchive>,
                                   public cereal::traits::TextArchive {
 public:
  /// Of a dict.
  explicit TreeInputArchive(Value tree);

  // The rest is for the functions of tree_types.hpp.
  void open();  ///< the next value: what it holds is read
  void close();
  void set_field(std::string_view name) { field_ = std::string(name); }
  void select(Value value, std::string label);  ///< the next value is this one
  [[nodiscard]] bool next_is_absent();          ///< None, or a missing field
  void skip();                                  ///< the next value, which may be missing
  [[nodiscard]] Value take();                   ///< the next value
  /// Of what was opened last: a list, a tuple or a tensor of one dimension.
  [[nodiscard]] std::size_t sequence_size();
  [[nodiscard]] const Dict& opened_dict() const;
  // Tensors of one element are numbers too.
  [[nodiscard]] bool take_bool();
  [[nodiscard]] std::int64_t take_signed(std::int64_t least, std::int64_t most);
  [[nodiscard]] std::uint64_t take_unsigned(std::uint64_t most);
  [[nodiscard]] double take_real();
  [[nodiscard]] std::string take_text();
  /// Throws, with the path of the value taken last.
  [[noreturn]] void fail(ErrorCode code, const std::string& cause) const;

 private:
  struct Node {
    Value value{};
    std::string label{};
    std::size_t next{0};
    std::uint32_t unnamed{0};
  };
  const Value* peek();  // also sets label_
  Value take_number();
  [[noreturn]] void fail_kind(std::string_view wanted, const Value& found) const;

  std::vector<Node> open_;
  std::optional<std::string> field_;
  std::optional<Value> selected_;
  std::string label_;  // of the value looked at last
};

/// What a number or text is in the tree: integers beyond int64 are BigInt, text that is not UTF-8
/// is Bytes.
[[nodiscard]] CAIRN_API Value unsigned_value(std::uint64_t number);
[[nodiscard]] CAIRN_API Value text_value(std::string text);

}  // namespace cairn::checkpoint

// Ties the two together, for types that are saved as one plain value.
CEREAL_SETUP_ARCHIVE_TRAITS(cairn::checkpoint::TreeInputArchive,
                            cairn::checkpoint::TreeOutputArchive)
