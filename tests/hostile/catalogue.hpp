// The hostile files, by family. Each has a name, and the rule that its refusal must name.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoint/format/archive.hpp"

namespace hostile {

using cairn::checkpoint::ErrorCode;
using cairn::checkpoint::LoadOptions;

struct HostileFile {
  std::string name{};
  std::string bytes{};
  ErrorCode code{ErrorCode::corrupt};
  std::string rule{};  // stands in the message
  LoadOptions options{};
  std::string pickle{};  // empty if it is the zip that is hostile
};

using Files = std::vector<HostileFile>;

struct Family {
  const char* name{""};
  Files (*make)(){nullptr};
};

/// All of them. What a family makes is the same each time.
[[nodiscard]] const std::vector<Family>& families();

/// A correct archive around a pickle (its bytes from PROTO to STOP) with one storage, data/0, of 16
/// bytes.
[[nodiscard]] std::string archive_around(const std::string& pickle);

// ---- the zip
Files truncations();
Files beheaded();
Files end_records();
Files wide_end_records();
Files central_headers();
Files names();
Files local_headers();
Files descriptors();
Files layouts();
Files compressed();
Files entry_sets();
Files damaged_records();

// ---- the pickle
Files opcodes();
Files lengths();
Files stacks();
Files kinds();
Files memo();
Files nesting();
Files keys();
Files globals();
Files repeated_work();
Files endings();

// ---- calls, storages and tensors
Files calls();
Files plain_calls();
Files attributes();
Files objects();
Files persistent_ids();
Files storages();
Files views();
Files tensor_arguments();

}  // namespace hostile
