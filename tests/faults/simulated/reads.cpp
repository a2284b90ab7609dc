#include <array>

#include "tests/faults/simulated/operation.hpp"

namespace cairn::test {
namespace {

using namespace cairn::vfs;

const std::string kSmall = text_of(700, 1);
const std::string kLarge = text_of(2500, 2);
const std::string kTheirSmall = text_of(700, 3);
const std::string kTheirLarge = text_of(2500, 4);

Operation of_file(std::string name, const std::string& bytes, const std::string& theirs) {
  return {.name = std::move(name),
          .prepare = [bytes](World& world) { world.add("file", bytes); },
          .expected = bytes,
          .contended = "file",
          .foreign = theirs,
          .expected_foreign = theirs,
          .pinned = true};
}

Operation read_whole(std::string name, const std::string& bytes, const std::string& theirs) {
  Operation operation = of_file(std::move(name), bytes, theirs);
  operation.run = [](World& world, const CallOptions& call) {
    return world.files().read_text("file", {.call = call});
  };
  return operation;
}

Operation read_with_checksum(const std::string& checksum) {
  const std::string name = checksum.empty() ? "no checksum" : checksum;
  Operation operation = read_whole("read a file with " + name, kSmall, kTheirSmall);
  operation.prepare = [checksum](World& world) { world.service().add("file", kSmall, checksum); };
  operation.unverified = checksum.empty();
  return operation;
}

Operation read_ranges(std::string name, std::size_t first, std::size_t size) {
  Operation operation = of_file(std::move(name), kLarge, kTheirLarge);
  operation.run = [first, size](World& world, const CallOptions& call) {
    std::string out(size, '\0');
    const auto bytes = std::as_writable_bytes(std::span(out));
    const std::array ranges{RangeRead{first, bytes.first(size / 2)},
                            RangeRead{first + size / 2, bytes.subspan(size / 2)}};
    world.files().read_ranges("file", ranges, {.call = call});
    return out;
  };
  operation.expected = kLarge.substr(first, size);
  operation.expected_foreign = kTheirLarge.substr(first, size);
  operation.unverified = size != kLarge.size();
  return operation;
}

Operation read_stream() {
  Operation operation = of_file("read a stream", kLarge, kTheirLarge);
  operation.run = [](World& world, const CallOptions& call) {
    Reader reader = world.files().open_read("file", {.call = call});
    std::string out;
    std::array<std::byte, 600> buffer{};
    while (const std::size_t count = reader.read(buffer)) {
      out.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    return out;
  };
  operation.streams = true;
  return operation;
}

Operation read_at_position() {
  Operation operation = of_file("read at a position", kLarge, kTheirLarge);
  operation.run = [](World& world, const CallOptions& call) {
    const Reader reader = world.files().open_read("file", {.call = call});
    std::string out(900, '\0');
    const std::size_t count = reader.pread(std::as_writable_bytes(std::span(out)), 1600);
    out.resize(count);
    return out;
  };
  operation.expected = kLarge.substr(1600, 900);
  operation.expected_foreign = kTheirLarge.substr(1600, 900);
  operation.unverified = true;
  return operation;
}

Operation stat_file() {
  Operation operation = of_file("stat a file", kSmall, kTheirLarge);
  operation.run = [](World& world, const CallOptions& call) {
    const auto info = world.files().stat("file", call);
    return info ? std::to_string(info->size) : "absent";
  };
  operation.expected = "700";
  operation.expected_foreign = "2500";
  return operation;
}

Operation find(std::string name, std::string path, std::string expected) {
  return {.name = std::move(name),
          .prepare = [](World& world) { world.add("there/file", kSmall); },
          .run =
              [path](World& world, const CallOptions& call) {
                return world.files().exists(path, call) ? "there" : "absent";
              },
          .expected = std::move(expected),
          .contended = "elsewhere",
          .foreign = kTheirSmall};
}

}  // namespace

std::vector<Operation> reading_operations() {
  std::vector<Operation> operations{
      stat_file(),
      find("ask for a file", "there/file", "there"),
      find("ask for a directory", "there", "there"),
      find("ask for what is absent", "gone", "absent"),
      read_whole("read an empty file", "", kTheirSmall),
      read_ranges("read all ranges", 0, kLarge.size()),
      read_ranges("read some ranges", 300, 2000),
      read_stream(),
      read_at_position(),
  };
  for (const std::string& checksum : make_cloud({})->service()->checksums()) {
    operations.push_back(read_with_checksum(checksum));
  }
  return operations;
}

}  // namespace cairn::test
