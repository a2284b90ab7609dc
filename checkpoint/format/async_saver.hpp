// Saving beside the work: a snapshot of the state, taken as fast as memory can be copied, is written while the state changes.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/value.hpp"
#include "vfs/context.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// What save() does while `max_in_flight` saves are on their way.
enum class WhenFull {
  wait,          ///< until one of them has ended
  skip,          ///< nothing is saved: SaveHandle::skipped()
  cancel_oldest  ///< that one is stopped, and leaves nothing behind; its result is Error(canceled) of vfs
};

struct AsyncSaverOptions {
  std::size_t max_in_flight{1};  ///< each keeps a copy of its state in memory
  WhenFull when_full{WhenFull::wait};
  /// Called when a save has ended, on a thread of the saver's; what they throw is lost. They must not call the saver.
  std::function<void(const std::string& url, const vfs::WriteResult& result)> on_committed{};
  std::function<void(const std::string& url, std::exception_ptr error)> on_error{};
};

/// A save that was begun. Copies are of the same save; thread-safe.
class CAIRN_API SaveHandle {
 public:
  [[nodiscard]] bool skipped() const noexcept;
  /// Waits until the state is copied. That of the CPU is when save() returns; an accelerator may still be at it: what is begun later on
  /// its current stream, or the one that was current when the tensor came into the tree, comes after the copy by itself, and only work
  /// on others has to wait here. Throws what the copy ended with, and Error(limit) for a save that was skipped.
  void staged() const;
  /// The file is there, or will never be. False for a save that was skipped.
  [[nodiscard]] bool done() const;
  /// Waits for it. Throws what the save ended with (Error, vfs::Error), also when asked again, and Error(limit) for one that was skipped.
  vfs::WriteResult committed() const;

 private:
  friend class AsyncSaver;
  struct Job;
  explicit SaveHandle(std::shared_ptr<Job> job);
  std::shared_ptr<Job> job_;
};

/// Memory for snapshots is kept and used again: the first save touches it. Thread-safe. The destructor waits for all saves, so that
/// nothing is lost when a program ends.
class CAIRN_API AsyncSaver {
 public:
  explicit AsyncSaver(AsyncSaverOptions options = {});
  AsyncSaver(const AsyncSaver&) = delete;
  AsyncSaver& operator=(const AsyncSaver&) = delete;
  ~AsyncSaver();

  /// Returns when the snapshot is taken (and there is room): the tensors may change from then on; see SaveHandle::staged(). Throws at
  /// once what is wrong with the tree, and here first the error of an earlier save whose handle nobody asked, unless there is an on_error.
  SaveHandle save(std::string_view url, const Value& root, const SaveOptions& options = {},
                  const std::shared_ptr<vfs::Context>& context = {});
  /// Until all that was begun has ended. Throws likewise.
  void wait();

 private:
  struct State;
  struct Work;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::checkpoint
