#include "tests/faults/simulated/operation.hpp"

namespace cairn::test {
namespace {

using namespace cairn::vfs;

const std::string kBytes = "stones";

/// Seven files; the service gives two names a page.
void plant(World& world) {
  for (const char* key : {"tree/a.pt", "tree/b c.pt", "tree/d.txt", "tree/sub/e.pt",
                          "tree/sub/f.pt", "tree/sub/g&h.pt", "tree/z.pt"}) {
    world.add(key, kBytes);
  }
}

std::string names(const std::vector<FileInfo>& entries) {
  std::string text;
  for (const FileInfo& info : entries) {
    text += info.path.string() + (info.type == FileType::directory ? " (directory)\n" : "\n");
  }
  return text;
}

Operation on_tree(std::string name) {
  return {.name = std::move(name),
          .prepare = &plant,
          .contended = "tree/d.txt",
          .foreign = "other stones"};
}

Operation list(std::string name, bool recursive, std::string expected) {
  Operation operation = on_tree(std::move(name));
  operation.run = [recursive](World& world, const CallOptions& call) {
    return names(world.files().list("tree", {.recursive = recursive, .call = call}));
  };
  operation.expected = std::move(expected);
  return operation;
}

Operation glob() {
  Operation operation = on_tree("glob");
  operation.run = [](World& world, const CallOptions& call) {
    return names(world.files().glob(Glob("tree/**/*.pt"), call));
  };
  operation.expected =
      "tree/a.pt\ntree/b c.pt\ntree/sub/e.pt\ntree/sub/f.pt\ntree/sub/g&h.pt\ntree/z.pt\n";
  return operation;
}

Operation remove_one(std::string name, const std::string& key) {
  Operation operation = on_tree(std::move(name));
  operation.run = [key](World& world, const CallOptions& call) {
    world.files().remove(key, call);
    return "removed";
  };
  operation.expected = "removed";
  operation.contended = "tree/a.pt";
  if (key == "tree/d.txt") operation.changes = {{key, kBytes, std::nullopt}};
  return operation;
}

Operation remove_tree() {
  Operation operation = on_tree("remove_all");
  operation.run = [](World& world, const CallOptions& call) {
    world.files().remove_all("tree/sub", call);
    return "removed";
  };
  operation.expected = "removed";
  operation.changes = {{"tree/sub/e.pt", kBytes, std::nullopt},
                       {"tree/sub/f.pt", kBytes, std::nullopt},
                       {"tree/sub/g&h.pt", kBytes, std::nullopt},
                       {"tree/z.pt", kBytes, kBytes}};
  return operation;
}

}  // namespace

std::vector<Operation> tree_operations() {
  return {
      list("list a directory", false,
           "tree/a.pt\ntree/b c.pt\ntree/d.txt\ntree/sub/ (directory)\ntree/z.pt\n"),
      list("list a tree", true,
           "tree/a.pt\ntree/b c.pt\ntree/d.txt\ntree/sub/e.pt\ntree/sub/f.pt\n"
           "tree/sub/g&h.pt\ntree/z.pt\n"),
      glob(),
      remove_one("remove a file", "tree/d.txt"),
      remove_one("remove what is absent", "tree/nothing"),
      remove_tree(),
  };
}

}  // namespace cairn::test
