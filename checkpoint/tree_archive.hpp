// cereal archives that write and read a tree of plain data instead of bytes: a class becomes a
// dict, a container a list.
#pragma once

#include <complex>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include <cereal/cereal.hpp>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

inline constexpr std::string_view class_version_field = "cereal_class_version";
/// The registered name of an object behind a pointer to its base class.
inline constexpr std::string_view type_field = "__type__";

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
  /// The class that comes next is stored with its registered name.
  void announce(std::string_view type) { type_ = type; }
  /// An object that was stored before as a container is put again, as the same one: false for a new
  /// one, which the caller stores between begin_shared and end_shared. Throws Error(unsupported)
  /// for an object that holds a pointer to itself.
  bool put_shared(const void* object, std::type_index type);
  void begin_shared(const void* object, std::type_index type);
  void end_shared(const std::shared_ptr<const void>& object, const void* address,
                  std::type_index type);

 private:
  using Object = std::pair<const void*, std::type_index>;
  struct Shared {
    std::shared_ptr<const void> keep{};  // so that its address is not used again
    Value value{};
  };
  struct Node {
    Shape shape{Shape::fields};
    Dict fields{};
    std::vector<Value> items{};
    std::uint32_t unnamed{0};
    std::optional<Value> own_field{};  // where the node itself goes
  };

  std::vector<Node> open_;
  std::optional<Value> field_;
  std::optional<std::string> type_;
  Value last_;  // the container that was closed last
  std::map<Object, Shared> shared_;
  std::set<Object> in_progress_;
};

struct TreeOptions {
  bool keep_missing{false};  ///< a named field that is missing keeps its value and is reported
  bool refuse_extra{false};  ///< fields that nobody asked for are Error(key), not a report
};

/// Fields that a tree and its class do not have in common, with their paths: "my_state.ema.step".
struct CAIRN_API TreeReport {
  std::vector<std::string> missing{};  ///< in the class only; with keep_missing
  std::vector<std::string> extra{};    ///< in the tree only
  [[nodiscard]] bool ok() const noexcept { return missing.empty() && extra.empty(); }
  [[nodiscard]] std::string to_string() const;  ///< a line per field
};

/// Reads by name, in any order. A missing field is Error(key), one of another kind Error(type);
/// both name the path. A tree can name one list a billion times where C++ needs a billion copies:
/// more than a million values are Error(limit) if they are over 64 times those that the tree holds.
/// Not thread-safe.
class CAIRN_API TreeInputArchive : public cereal::InputArchive<TreeInputArchive>,
                                   public cereal::traits::TextArchive {
 public:
  /// Of a dict.
  explicit TreeInputArchive(Value tree, const TreeOptions& options = {});
  [[nodiscard]] const TreeReport& report() const noexcept { return report_; }

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
  [[nodiscard]] const Dict& opened_dict();
  // Tensors of one element are numbers too.
  [[nodiscard]] bool take_bool();
  [[nodiscard]] std::int64_t take_signed(std::int64_t least, std::int64_t most);
  [[nodiscard]] std::uint64_t take_unsigned(std::uint64_t most);
  [[nodiscard]] double take_real();
  [[nodiscard]] std::complex<double> take_complex();
  [[nodiscard]] std::string take_text();
  /// Throws, with the path of the value taken last.
  [[noreturn]] void fail(ErrorCode code, const std::string& cause) const;
  /// The result of `call`, with that path before what its Errors say.
  template <class Call>
  auto with_path(const Call& call) const {
    try {
      return call();
    } catch (const Error& error) {
      fail(error.code(), std::string("can't be read: ") + error.what());
    }
  }
  /// True if the next field is missing and may be: it is then in the report.
  bool skips_missing();
  /// The registered name that the next value has, if any.
  [[nodiscard]] std::optional<std::string> next_type();
  /// Of what was opened last. All objects of a class have one version: cereal reads the first only.
  void check_version(std::type_index type);
  /// The object that was made before of the container that comes next; nullptr if there is none.
  [[nodiscard]] std::shared_ptr<void> find_shared(std::type_index type);
  /// Reads the next value with `read`, and remembers the object that it returns.
  template <class Read>
  auto share(std::type_index type, const Read& read) {
    const auto* found = peek();
    const Value value = found == nullptr ? Value() : *found;
    auto object = read();
    remember(value, type, object);
    return object;
  }

 private:
  using Container = std::pair<const void*, std::type_index>;
  struct Shared {
    Value keep{};
    std::shared_ptr<void> object{};
  };
  struct Node {
    Value value{};
    std::string label{};
    std::size_t next{0};
    std::uint32_t unnamed{0};
    bool is_class{true};  // not a map, not a sequence
    std::vector<const Value*> asked{};
  };
  const Value* peek();  // also sets label_
  void count(std::uint64_t size);
  Value take_number();
  void remember(const Value& value, std::type_index type, std::shared_ptr<void> object);
  [[nodiscard]] std::string path() const;
  void note_extra(const Node& node);
  [[noreturn]] void fail_kind(std::string_view wanted, const Value& found) const;

  TreeOptions options_;
  TreeReport report_;
  std::vector<Node> open_;
  std::optional<std::string> field_;
  std::optional<Value> selected_;
  std::string label_;  // of the value looked at last
  std::map<Container, Shared> shared_;
  std::map<std::type_index, std::int64_t> versions_;
  std::uint64_t read_{0};  // values, and the bytes of texts
  std::uint64_t most_{0};  // that may be read; 0: not known yet
};

/// What a number or text is in the tree: integers beyond int64 are BigInt, text that is not UTF-8
/// is Bytes.
[[nodiscard]] CAIRN_API Value unsigned_value(std::uint64_t number);
[[nodiscard]] CAIRN_API Value text_value(std::string text);

}  // namespace cairn::checkpoint

// Ties the two together, for types that are saved as one plain value.
CEREAL_SETUP_ARCHIVE_TRAITS(cairn::checkpoint::TreeInputArchive,
                            cairn::checkpoint::TreeOutputArchive)
