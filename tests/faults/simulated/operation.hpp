// One call of FileSystem under faults: what it starts from, what it does, what must be true after.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/faults/simulated/world.hpp"
#include "vfs/error.hpp"

namespace cairn::test {

/// A file that the call changes.
struct Change {
  std::string key{};
  std::optional<std::string> before{};
  std::optional<std::string> after{};
};

struct Operation {
  std::string name{};
  std::function<void(World&)> prepare{};
  /// What the caller saw, as a text.
  std::function<std::string(World&, const vfs::CallOptions&)> run{};
  std::string expected{};
  std::vector<Change> changes{};
  /// What another client writes at Fault::replaced.
  std::string contended{};
  std::string foreign{};
  /// It may see this instead of `expected` when the other client has written.
  std::string expected_foreign{};
  bool conditional{false};  ///< must not write over the other client's file
  bool pinned{false};       ///< reads one version: the other client's write may end it
  bool unverified{false};   ///< reads less than a whole file, which has no checksum of its own
  bool copies{false};       ///< one file to another
  bool moves{false};        ///< the same, and the first one goes
  bool streams{false};      ///< can't begin again: bytes came or went before the end
};

/// How a run ended.
struct Ending {
  std::optional<std::string> seen{};  ///< absent: it failed
  std::optional<vfs::Error> error{};
  std::vector<std::string> keys_before{};
};

[[nodiscard]] Ending run(const Operation& operation, World& world);

/// What is wrong with a run, in words; empty: nothing. `faults` as they were planned.
[[nodiscard]] std::vector<std::string> judge(const Operation& operation, World& world,
                                             const Ending& ending);

/// The complaints and the exchanges that led to them.
[[nodiscard]] std::string describe(World& world, const std::vector<std::string>& wrong);

// reads.cpp
[[nodiscard]] std::vector<Operation> reading_operations();
// writes.cpp; large files are of two parts and a half
[[nodiscard]] std::vector<Operation> writing_operations(std::size_t part_size);
// trees.cpp
[[nodiscard]] std::vector<Operation> tree_operations();
/// Of all three.
[[nodiscard]] std::vector<Operation> all_operations(std::size_t variant);

}  // namespace cairn::test
