// Checkpoints and parts of them as other files.
#include <ostream>
#include <utility>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/find_tensor.hpp"
#include "tools/cairn/ckpt.hpp"
#include "tools/cairn/ckpt_tree.hpp"
#include "vfs/error.hpp"

namespace cairn::tools {
namespace {

using checkpoint::StoredTensor;
using checkpoint::Value;
using checkpoint::format::save_safetensors;

vfs::WriteOptions write_options(const Session& session) {
  return {.call = {.stop = session.stop}};
}

void save_elements(const Session& session, const std::string& to, const Value& part) {
  const StoredTensor* found = find_tensor(part);
  if (found == nullptr) {
    throw checkpoint::Error(checkpoint::ErrorCode::type,
                            "only a tensor has raw elements, and this is of type " +
                                std::string(to_string(part.kind())));
  }
  if (found->conjugate || found->negative) {
    throw checkpoint::Error(checkpoint::ErrorCode::unsupported,
                            "a tensor with torch's conjugate or negative bit has other elements "
                            "than its memory");
  }
  const StoredTensor tensor = found->contiguous();
  const auto bytes = tensor.bytes();
  if (to == "-") {
    session.output.write(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::streamsize>(bytes.size()));
    return;
  }
  const auto [files, path] = session.context->resolve(to);
  files.write(path, bytes, write_options(session));
}

}  // namespace

void extract(const Session& session, const ExtractCommand& command) {
  const Value part = open_part(session, command.url, command.part, Elements::load).part;
  if (command.raw) {
    save_elements(session, command.to, part);
  } else {
    const auto [files, path] = session.context->resolve(command.to);
    save_safetensors(files, path, flatten(part, command.part), {.write = write_options(session)});
  }
}

void convert(const Session& session, const ConvertCommand& command) {
  const Value part = open_part(session, command.from, command.part, Elements::load).part;
  const auto [files, path] = session.context->resolve(command.to);
  if (command.to.ends_with(".safetensors")) {
    save_safetensors(files, path, flatten(part, command.part),
                     {.repeat_shared = command.repeat_shared, .write = write_options(session)});
    return;
  }
  checkpoint::format::save(files, path, part, {.write = write_options(session)});
}

}  // namespace cairn::tools
