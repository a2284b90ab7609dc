// A store that passes everything on to another one, and writes down what was asked. Tests change
// its limits and make calls fail.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vfs/crypto/crc.hpp"
#include "vfs/store.hpp"

namespace cairn::test {

class RecordingStore final : public vfs::Store {
 public:
  explicit RecordingStore(std::shared_ptr<vfs::Store> inner)
      : limits(inner->capabilities()), inner_(std::move(inner)) {}

  vfs::Capabilities limits;
  /// Called before each operation with its line of the record; may throw.
  std::function<void(const std::string&)> before{};
  /// What stat tells as the checksum of every file, if there is one.
  std::optional<vfs::Checksum> checksum{};
  /// Called with what was read, which it may damage; then reads tell their CRC32C.
  std::function<void(std::uint64_t offset, std::span<std::byte>)> after_read{};
  /// Called with each page of a listing, which it may change.
  std::function<void(vfs::ListPage&)> after_list{};
  /// What it says yes to can't be removed.
  std::function<bool(const vfs::Path&)> held{};
  /// The etag of stat and read if not empty.
  std::function<std::string()> etag{};

  [[nodiscard]] std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] std::size_t count(const std::string& call) const {
    const auto all = calls();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const std::string& line) { return line.starts_with(call); }));
  }

  const vfs::Capabilities& capabilities() const override { return limits; }
  std::string url(const vfs::Path& path) const override { return inner_->url(path); }
  std::optional<vfs::FileInfo> stat(const vfs::Path& path,
                                    const vfs::CallOptions& options) override {
    note("stat " + path.string());
    auto info = inner_->stat(path, options);
    if (info && etag) info->etag = etag();
    if (info && checksum) info->checksum = checksum;
    return info;
  }
  vfs::ReadResult read(const vfs::Path& path, std::uint64_t offset, std::span<std::byte> out,
                       const vfs::ReadOptions& options) override {
    note("read " + std::to_string(offset) + "+" + std::to_string(out.size()));
    auto inner_options = options;
    if (etag) inner_options.if_match.clear();
    auto result = inner_->read(path, offset, out, inner_options);
    if (etag) result.info.etag = etag();
    if (after_read) {
      after_read(offset, out.first(result.bytes));
      result.checksum = {vfs::ChecksumType::crc32c,
                         vfs::crypto::crc32c(out.first(result.bytes))};
    }
    return result;
  }
  vfs::WriteResult put(const vfs::Path& path, const vfs::Body& body,
                       const vfs::WriteOptions& options) override {
    note("put " + std::to_string(body.size()));
    return inner_->put(path, body, options);
  }
  std::unique_ptr<vfs::Upload> start_upload(const vfs::Path& path,
                                            const vfs::WriteOptions& options) override {
    note("start_upload");
    return std::make_unique<RecordingUpload>(*this, inner_->start_upload(path, options));
  }
  vfs::ListPage list_page(const vfs::Path& prefix, const vfs::ListOptions& options) override {
    note("list " + prefix.string() + (options.recursive ? " recursive" : ""));
    auto page = inner_->list_page(prefix, options);
    if (after_list) after_list(page);
    return page;
  }
  std::vector<vfs::RemoveResult> remove(std::span<const vfs::Path> paths,
                                        const vfs::CallOptions& options) override {
    note("remove " + std::to_string(paths.size()));
    if (!held) return inner_->remove(paths, options);
    std::vector<vfs::RemoveResult> results;
    for (const vfs::Path& path : paths) {
      results.push_back(held(path) ? vfs::RemoveResult{.path = path,
                                                       .error = "held",
                                                       .code = vfs::ErrorCode::permission_denied}
                                   : inner_->remove(std::span(&path, 1), options).front());
    }
    return results;
  }
  vfs::WriteResult copy(const vfs::Path& from, const vfs::Path& to,
                        const vfs::WriteOptions& options) override {
    note("copy");
    return inner_->copy(from, to, options);
  }
  vfs::WriteResult move(const vfs::Path& from, const vfs::Path& to,
                        const vfs::WriteOptions& options) override {
    note("move");
    return inner_->move(from, to, options);
  }

 private:
  class RecordingUpload final : public vfs::Upload {
   public:
    RecordingUpload(RecordingStore& store, std::unique_ptr<vfs::Upload> inner)
        : store_(store), inner_(std::move(inner)) {}
    void put_part(std::uint32_t index, const vfs::Body& part,
                  const vfs::CallOptions& options) override {
      store_.note("put_part " + std::to_string(index) + " " + std::to_string(part.size()));
      inner_->put_part(index, part, options);
    }
    vfs::WriteResult commit(const vfs::CallOptions& options) override {
      store_.note("commit");
      return inner_->commit(options);
    }
    void abort() noexcept override {
      store_.record("abort");
      inner_->abort();
    }

   private:
    RecordingStore& store_;
    std::unique_ptr<vfs::Upload> inner_;
  };

  void record(const std::string& call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
  }
  void note(const std::string& call) {
    record(call);
    if (before) before(call);
  }

  std::shared_ptr<vfs::Store> inner_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;  // guarded by mutex_
};

}  // namespace cairn::test
