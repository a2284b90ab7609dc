#include <algorithm>

#include "tests/faults/simulated/operation.hpp"

namespace cairn::test {
namespace {

using namespace cairn::vfs;

const std::string kOld = text_of(800, 11);
const std::string kSmall = text_of(700, 12);

enum class Condition { none, absent, same };
enum class How { whole, stream };

WriteOptions options_of(World& world, Condition condition, const CallOptions& call) {
  WriteOptions options{.if_absent = condition == Condition::absent, .call = call};
  if (condition == Condition::same) options.if_match = world.service().etag("file");
  return options;
}

/// A result without an etag is no lie if the answer held none.
std::string seen_of(World& world, const WriteResult& result, const std::string& key,
                    const std::string& bytes) {
  if (result.size != bytes.size()) return "a size of " + std::to_string(result.size);
  const bool theirs = world.service().content(key) != bytes;
  if (!result.etag.empty() && !theirs && result.etag != world.service().etag(key))
    return result.etag;
  return "written";
}

Operation target(std::string name, const std::string& bytes, Condition condition) {
  Operation operation{.name = std::move(name), .expected = "written"};
  const bool exists = condition != Condition::absent;
  operation.prepare = [exists](World& world) {
    if (exists) world.add("file", kOld);
  };
  operation.changes = {{"file", exists ? std::optional(kOld) : std::nullopt, std::optional(bytes)}};
  operation.contended = "file";
  operation.foreign = text_of(bytes.size() + (bytes.empty() ? 1 : 0), 14);  // of the same size
  operation.conditional = condition != Condition::none;
  return operation;
}

Operation write(std::string name, const std::string& bytes, Condition condition, How how) {
  Operation operation = target(std::move(name), bytes, condition);
  operation.streams = how == How::stream;
  operation.run = [bytes, condition, how](World& world, const CallOptions& call) {
    const WriteOptions options = options_of(world, condition, call);
    WriteResult result;
    if (how == How::whole) {
      result = world.files().write("file", bytes, options);
    } else {
      Writer writer = world.files().open_write("file", options);
      const std::size_t step = std::max<std::size_t>(300, bytes.size() / 8);
      for (std::size_t i = 0; i < bytes.size(); i += step) {
        writer.write(std::string_view(bytes).substr(i, step));
      }
      result = writer.commit();
    }
    return seen_of(world, result, "file", bytes);
  };
  return operation;
}

Operation copy(std::string name, const std::string& bytes, Condition condition) {
  Operation operation = target(std::move(name), bytes, condition);
  operation.prepare = [bytes, inner = operation.prepare](World& world) {
    inner(world);
    world.add("source", bytes);
  };
  operation.run = [bytes, condition](World& world, const CallOptions& call) {
    const WriteResult result =
        world.files().copy("source", "file", options_of(world, condition, call));
    return seen_of(world, result, "file", bytes);
  };
  operation.changes.push_back({"source", bytes, bytes});
  operation.copies = true;
  return operation;
}

/// The source is replaced while it is copied: one version of it, or an error.
Operation copy_contended(std::string name, Condition condition) {
  Operation operation = copy(std::move(name), kSmall, condition);
  const std::string theirs = text_of(kSmall.size(), 15);
  operation.contended = "source";
  operation.foreign = theirs;
  operation.conditional = false;
  operation.pinned = true;
  operation.expected_foreign = "written";
  return operation;
}

Operation move_file() {
  Operation operation = target("move", kSmall, Condition::none);
  operation.prepare = [](World& world) {
    world.add("file", kOld);
    world.add("source", kSmall);
  };
  operation.run = [](World& world, const CallOptions& call) {
    const WriteResult result = world.files().move("source", "file", {.call = call});
    return seen_of(world, result, "file", kSmall);
  };
  operation.changes.push_back({"source", kSmall, std::nullopt});
  operation.copies = true;
  operation.moves = true;
  operation.foreign = text_of(kSmall.size(), 16);
  return operation;
}

}  // namespace

std::vector<Operation> writing_operations(std::size_t part_size) {
  const std::string large = text_of(part_size * 5 / 2, 13);
  return {
      write("write a small file", kSmall, Condition::none, How::whole),
      write("write an empty file", "", Condition::none, How::whole),
      write("write a large file", large, Condition::none, How::whole),
      write("create a small file", kSmall, Condition::absent, How::whole),
      write("create a large file", large, Condition::absent, How::whole),
      write("replace a small file", kSmall, Condition::same, How::whole),
      write("replace a large file", large, Condition::same, How::whole),
      write("stream a small file", kSmall, Condition::none, How::stream),
      write("stream a large file", large, Condition::none, How::stream),
      write("create by a stream", large, Condition::absent, How::stream),
      copy("copy", kSmall, Condition::none),
      copy("copy an empty file", "", Condition::none),
      copy("copy to a new file", kSmall, Condition::absent),
      copy("copy an empty file to a new one", "", Condition::absent),
      copy("copy over one version", kSmall, Condition::same),
      copy_contended("copy what another writes", Condition::none),
      copy_contended("copy to a new file what another writes", Condition::absent),
      move_file(),
  };
}

}  // namespace cairn::test
