// Open files: Reader (positioned and sequential) and Writer (nothing is visible before commit).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "vfs/bytes.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs {

/// Reads one version of a file: a change underneath is precondition_failed, never a mix. pread is thread-safe; read and seek are not.
class CAIRN_API Reader {
 public:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] const FileInfo& info() const;
  [[nodiscard]] std::uint64_t size() const { return info().size; }
  /// Fills `out` from `offset`; returns fewer bytes only at the end.
  std::size_t pread(std::span<std::byte> out, std::uint64_t offset) const;
  /// From the current position, with read-ahead.
  std::size_t read(std::span<std::byte> out);
  void seek(std::uint64_t offset);

 private:
  std::unique_ptr<State> state_;
};

/// Collects bytes and sends parts while more are written. Publishes on commit() only: destruction, also by an exception, aborts and
/// leaves an older file of that name as it was. Not thread-safe.
class CAIRN_API Writer {
 public:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(as_bytes(text)); }
  WriteResult commit();
  void abort() noexcept;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace cairn::vfs
