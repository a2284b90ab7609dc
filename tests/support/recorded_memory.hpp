// A memory store with a recorder in front, and a FileSystem on top.
#pragma once

#include <memory>
#include <string>

#include "tests/support/pattern.hpp"
#include "tests/support/recording_store.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"
#include "vfs/memory/store.hpp"

namespace cairn::test {

struct RecordedMemory {
  explicit RecordedMemory(vfs::Config config = {})
      : context(vfs::Context::make(std::move(config))) {}

  std::shared_ptr<vfs::Context> context;
  std::shared_ptr<vfs::Store> memory{vfs::make_memory_store(vfs::Url("memory", "", ""), *context)};
  std::shared_ptr<RecordingStore> store{std::make_shared<RecordingStore>(memory)};
  vfs::FileSystem files{store, context};
};

}  // namespace cairn::test
