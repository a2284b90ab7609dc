#include "tests/faults/simulated/operation.hpp"

#include <algorithm>
#include <array>

namespace cairn::test {
namespace {

using sim::Fault;
using vfs::ErrorCode;

std::string show(const std::optional<std::string>& bytes) {
  if (!bytes) return "nothing";
  return std::to_string(bytes->size()) + " bytes " + bytes->substr(0, 12);
}

bool planned(World& world, std::initializer_list<Fault> kinds) {
  return std::ranges::any_of(world.network().plan().faults, [&](const auto& fault) {
    return std::ranges::find(kinds, fault.second) != kinds.end();
  });
}

bool is_foreign(const Operation& operation, World& world) {
  return world.service().foreign_writes(operation.contended) > 0;
}

/// The error says what is so.
bool is_true(const Operation& operation, World& world, ErrorCode code) {
  switch (code) {
    case ErrorCode::timeout:
      return planned(world, {Fault::deadline_before, Fault::deadline_after});
    case ErrorCode::cancelled:
      return planned(world, {Fault::cancelled_before, Fault::cancelled_after});
    case ErrorCode::already_exists:
    case ErrorCode::precondition_failed:
      return (operation.conditional || operation.pinned) && is_foreign(operation, world);
    case ErrorCode::conflict:  // a stream's parts are gone: they can't be sent again
      if ((operation.copies && world.variant().slow_copies) ||
          (operation.moves && world.variant().unmarked_moves)) {
        return is_foreign(operation, world);
      }
      return operation.streams &&
             (planned(world, {Fault::conflict, Fault::flipped_upload, Fault::uploads_lost}) ||
              is_foreign(operation, world));
    case ErrorCode::corrupt:
      return operation.streams && planned(world, {Fault::flipped_download});
    default:  // whoever stops while it is asked where the bucket went is told that it is not here
      return planned(world, {Fault::moved_400, Fault::moved_301}) &&
             planned(world, {Fault::cancelled_before, Fault::cancelled_after});
  }
}

void judge_success(const Operation& operation, World& world, const std::string& seen,
                   std::vector<std::string>& wrong) {
  const bool foreign = is_foreign(operation, world);
  const bool other =
      foreign && !operation.expected_foreign.empty() && seen == operation.expected_foreign;
  const bool damaged = operation.unverified && planned(world, {Fault::flipped_download});
  if (seen != operation.expected && !other && !damaged) {
    wrong.push_back("it saw " + show(seen) + " instead of " + show(operation.expected));
  }
  for (const Change& change : operation.changes) {
    const auto content = world.service().content(change.key);
    const bool contended = foreign && change.key == operation.contended;
    const bool theirs = contended && content == operation.foreign;
    if (theirs && change.after && !world.service().has_held(change.key, *change.after)) {
      wrong.push_back(change.key + " is called written and never was");
    }
    if (contended && operation.conditional && !theirs) {
      wrong.push_back("it wrote over another client's " + change.key);
    }
    const bool copied = other && content == operation.foreign;
    if (content != change.after && !theirs && !copied) {
      wrong.push_back(change.key + " holds " + show(content) + " after success");
    }
  }
}

void judge_failure(const Operation& operation, World& world, const vfs::Error& error,
                   std::vector<std::string>& wrong) {
  if (!is_true(operation, world, error.code())) {
    wrong.push_back(std::string("it failed: ") + error.what());
  }
  const bool foreign = is_foreign(operation, world);
  for (const Change& change : operation.changes) {
    const auto content = world.service().content(change.key);
    const bool theirs = foreign && content == operation.foreign;
    const bool begun = operation.copies && world.variant().slow_copies && change.key == "file" &&
                       content.value_or("").empty();
    if (content != change.before && content != change.after && !theirs && !begun) {
      wrong.push_back(change.key + " holds a mix after a failure: " + show(content));
    }
  }
}

/// There are objects that neither the call nor the other client had to make.
bool has_temporary_objects(const Operation& operation, World& world, const Ending& ending) {
  const auto is_due = [&](const std::string& key) {
    return key == operation.contended ||
           std::ranges::find(ending.keys_before, key) != ending.keys_before.end() ||
           std::ranges::find(operation.changes, key, &Change::key) != operation.changes.end();
  };
  return !std::ranges::all_of(world.service().keys(), is_due);
}

/// A fault befell the removal itself.
bool is_removal_hit(World& world) {
  return std::ranges::any_of(world.network().log(), [](const std::string& line) {
    const bool removes = line.starts_with("DELETE ") || line.starts_with("POST /batch/");
    return removes && line.find("  <- ") != line.npos;
  });
}

}  // namespace

Ending run(const Operation& operation, World& world) {
  operation.prepare(world);
  world.network().plan().contended = operation.contended;
  world.network().plan().foreign = operation.foreign;
  const vfs::CallOptions call{.stop = world.network().plan().stop.get_token()};
  Ending ending{.keys_before = world.service().keys()};
  try {
    ending.seen = operation.run(world, call);
  } catch (const vfs::Error& error) {
    ending.error = error;
  }
  return ending;
}

std::vector<std::string> judge(const Operation& operation, World& world, const Ending& ending) {
  std::vector<std::string> wrong = world.service().violations();
  if (ending.seen) judge_success(operation, world, *ending.seen, wrong);
  if (ending.error) judge_failure(operation, world, *ending.error, wrong);
  if (world.service().leftovers() > world.network().excused_leftovers()) {
    wrong.emplace_back("an upload was left behind");
  }
  if (has_temporary_objects(operation, world, ending) && !is_removal_hit(world)) {
    wrong.emplace_back("a temporary object was left behind");
  }
  const auto faults = world.network().plan().faults.size();
  if (world.elapsed() > std::chrono::seconds{1} + std::chrono::seconds{60} * faults) {
    wrong.push_back("it took " + std::to_string(world.elapsed().count()) + " virtual ms");
  }
  return wrong;
}

std::string describe(World& world, const std::vector<std::string>& wrong) {
  std::string text;
  for (const std::string& complaint : wrong) text += complaint + '\n';
  for (const std::string& line : world.network().log()) text += "  " + line + '\n';
  return text;
}

std::vector<Operation> all_operations(std::size_t variant) {
  std::vector<Operation> all = reading_operations();
  for (Operation& operation : writing_operations(variants()[variant].part_size)) {
    all.push_back(std::move(operation));
  }
  for (Operation& operation : tree_operations()) all.push_back(std::move(operation));
  return all;
}

}  // namespace cairn::test
